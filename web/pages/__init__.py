"""Pages for people, in Simplified Chinese. This file is their table of contents."""

from __future__ import annotations

from flask import Blueprint, Flask

from web.pages import home, stock

NOUNS = (home, stock)
"""One module a noun; each adds its addresses to the blueprint."""


def set_up(app: Flask) -> None:
    """Register every page."""
    blueprint = Blueprint("pages", "web.pages", template_folder="../templates")
    for noun in NOUNS:
        noun.register(blueprint)
    app.register_blueprint(blueprint)
