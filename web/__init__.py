"""The web site: pages for people, an API for programs. Turns HTTP into the house's words and back, once."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask

from supplyops.config import Settings
from supplyops.papers.seal import Sealer
from supplyops.people.secret import Passwords
from supplyops.runtime import Runtime
from web import addresses, api, errors, language, lists, navigation, pages, security, session, static, view
from web.throttle import Throttle


@dataclass(frozen=True, slots=True)
class House:
    """What the pages work with; reached as `view.house()`."""

    runtime: Runtime
    settings: Settings
    passwords: Passwords
    sealer: Sealer
    throttle: Throttle = field(default_factory=Throttle)


def create_app(runtime: Runtime, settings: Settings, sealer: Sealer, passwords: Passwords | None = None) -> Flask:
    """The application on one runtime. Nothing is global: two of them may live in one process."""
    app = Flask("web", static_folder=None, template_folder="templates")
    app.extensions["house"] = House(runtime, settings, passwords or Passwords(), sealer)
    app.config.update(
        MAX_CONTENT_LENGTH=settings.upload_max_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        MAX_FORM_PARTS=20_000,
        PROPAGATE_EXCEPTIONS=False,
    )
    for part in (language, static, session, security, errors, view, lists, navigation, addresses, pages, api):
        part.set_up(app)
    return app
