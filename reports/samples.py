"""The realistic samples that come with every form: to look at, to test, to show an office what it will get."""

from __future__ import annotations

import json
from dataclasses import dataclass

from reports.forms import form_named
from reports.render import PaperToPrint
from supplyops.papers.contents import PaperStamp, from_plain, structured


@dataclass(frozen=True, slots=True)
class Sample:
    """A named sample of a form."""

    name: str
    paper: PaperToPrint


def samples(form: str) -> list[Sample]:
    """The samples of a form, in the order of its file."""
    entries = json.loads(form_named(form).sample.read_text("utf-8"))
    return [
        Sample(
            entry["name"],
            PaperToPrint(form, from_plain(form, entry["content"]), structured(PaperStamp, entry["stamp"])),
        )
        for entry in entries
    ]
