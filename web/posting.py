"""What a form was refused for, shown where it was filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import make_response, request
from werkzeug.wrappers import Response

from supplyops.kernel.errors import Conflict, InvalidInput
from supplyops.wording.errors import field_message, message
from web import forms, view
from web.errors import status_of

REFUSALS = (InvalidInput, Conflict)
"""What the form can mend; everything else is answered by a page of its own."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done: a sentence, and sentences by dotted field name."""

    status: int = 200
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The sentence for a field, by its dotted name or its name in the form."""
        return self.fields.get(name) or self.fields.get(name.replace("-", "."), "")

    __getitem__ = get


NOTHING = Refusal()


def refusal_of(error: InvalidInput | Conflict) -> Refusal:
    """An error as a form shows it."""
    fields = {each.field: field_message(each) for each in error.fields} if isinstance(error, InvalidInput) else {}
    return Refusal(status_of(error), message(error), fields)


def sent_rows(name: str = "lines", minimum: int = 3) -> list[dict[str, str]]:
    """The rows of a list as they were sent, empty ones left out as the reading of them does, padded with empty ones."""
    rows: dict[str, dict[str, str]] = {}
    for key, value in request.form.items():
        head, _, rest = key.partition(forms.SEPARATOR)
        place, _, column = rest.partition(forms.SEPARATOR)
        if head == name and column:
            rows.setdefault(place, {})[column] = value
    filled = [rows[place] for place in sorted(rows, key=lambda place: (len(place), place))]
    kept = [row for row in filled if any(text.strip() for text in row.values())]
    return kept + [{} for _ in range(max(minimum - len(kept), 1 if kept else 0))]


def form_page(template: str, refusal: Refusal, /, **values: Any) -> Response:
    """A page with a form: empty, or as it was sent, with what is wrong said in place."""
    body = view.page(template, refusal=refusal, errors=refusal, given=request.form, **values)
    return make_response(body, refusal.status)
