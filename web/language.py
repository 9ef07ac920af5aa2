"""Words in the reader's language. Chinese is the source; other languages are catalogues beside it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from flask import Flask, g, request

FOLDER = Path(__file__).parent / "translations"
SOURCE = "zh"


def languages() -> tuple[str, ...]:
    """The source language and every catalogue there is."""
    return (SOURCE, *sorted(path.stem for path in FOLDER.glob("*.po")))


@lru_cache
def catalogue(language: str) -> dict[str, str]:
    """Chinese text -> its translation."""
    path = FOLDER / f"{language}.po"
    if language == SOURCE or not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}


def gettext(text: str) -> str:
    """The text in the reader's language, or as it is."""
    return catalogue(g.get("language", SOURCE)).get(text, text)


def set_up(app: Flask) -> None:
    """Choose the language of each request: the cookie's, else Chinese."""

    @app.before_request
    def choose() -> None:
        wanted = request.cookies.get("language", SOURCE)
        g.language = wanted if wanted in languages() else SOURCE

    app.jinja_env.globals.update(_=gettext, language=lambda: g.get("language", SOURCE), languages=languages)
