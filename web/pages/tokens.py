"""One's own API tokens: made here, shown once, ended here."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response as Answer

from supplyops.people import commands, queries
from supplyops.people.secret import token, token_digest
from web import view
from web.forms import Form
from web.view import signed_in

DAYS = 90


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/tokens", view_func=tokens, methods=["GET", "POST"])
    pages.add_url_rule("/tokens/<uuid:token_id>/revoke", view_func=token_revoke, methods=["POST"])


@signed_in
def tokens() -> Answer:
    """The tokens there are, and a new one."""
    form = Form({"days": str(DAYS)}, {"name": "用途", "days": "有效天数"})
    fresh = ""
    if form.is_posted:
        with form.attempt():
            days = request.form.get("days", "")
            made = token()
            view.run(
                commands.issue_token,
                request.form.get("name", "").strip(),
                token_digest(made),
                int(days) if days.isdecimal() and len(days) < 6 else 0,
            )
            fresh = made
    return form.page("home/tokens.html", rows=view.read(queries.my_tokens), fresh=fresh)


@signed_in
def token_revoke(token_id: UUID) -> Answer:
    """End a token at once."""
    view.run(commands.revoke_token, token_id)
    return view.back("pages.tokens", "令牌已作废")
