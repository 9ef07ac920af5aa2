"""Pages for people, in Simplified Chinese. This file is their table of contents."""

from __future__ import annotations

from flask import Blueprint, Flask

from web.pages import boards, catalogue, home, incidents, letters, norms, places, requests, stock, tokens

NOUNS = (home, boards, incidents, requests, letters, stock, places, catalogue, norms, tokens)
"""One module a noun; each adds its addresses to the blueprint."""


def set_up(app: Flask) -> None:
    """Register every page."""
    blueprint = Blueprint("pages", "web.pages", template_folder="../templates")
    for noun in NOUNS:
        noun.register(blueprint)
    app.register_blueprint(blueprint)
