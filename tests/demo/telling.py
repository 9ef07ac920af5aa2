"""Tells a story up to the plan: who does what when, with the clock set to each act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from supplyops.demo import city
from supplyops.demo.scenarios import LetterStep, RequestStep, Scenario
from supplyops.incidents import commands as incidents
from supplyops.kernel.access import Actor
from supplyops.places import commands as places
from supplyops.requests import commands as requests
from supplyops.requests import queries as asking
from supplyops.requests.rules import LetterInput, RequestInput, RequestLineInput, Review
from supplyops.runtime import Command, Runtime
from tests.conftest import Clock


@dataclass
class Told:
    """What the telling has made so far."""

    runtime: Runtime
    story: Scenario
    clock: Clock
    incident_id: UUID = field(init=False)
    drafts: list[UUID] = field(default_factory=list)
    written: list[UUID] = field(default_factory=list)

    def who(self, username: str) -> Actor:
        """The person behind a name."""
        return city.actor(self.runtime, username)

    def tell(self) -> Told:
        """Every act before the plan, in the order of their times."""
        self.clock.now = self.story.opening.at
        opening = self.story.opening
        self.incident_id = self.runtime.run(incidents.open_incident, self.who(opening.by), opening.incident)
        for at, act in sorted(self._acts(), key=lambda entry: entry[0]):
            self.clock.now = at
            act()
        return self

    def _acts(self) -> list[tuple[datetime, Callable[[], object]]]:
        story, needs = self.story, self.story.needs
        acts: list[tuple[datetime, Callable[[], object]]] = [
            *((each.at, partial(self._about, incidents.report, each.by, each.report)) for each in story.reports),
            *((each.at, partial(self._act, places.report_road, each.by, each.report)) for each in story.roads),
            *(
                (each.at, partial(self._about, incidents.decide_response, each.by, each.response))
                for each in story.responses
            ),
            *(
                (each.at, partial(self._about, incidents.mobilise_team, each.by, each.mission))
                for each in story.missions
            ),
            *((each.at, partial(self._write, each)) for each in story.letters),
            *((each.at, partial(self._ask, each)) for each in story.requests),
            *(
                (each.reviewed_at, partial(self._review, each.reviewed_by, each.addressee_code))
                for each in story.requests
            ),
            (needs.at, self._draft),
            (needs.submitted_at, self._submit_drafts),
            (needs.reviewed_at, partial(self._review, needs.reviewed_by, "654004")),
        ]
        return acts

    def _act(self, command: Command[..., object], by: str, *what: object) -> None:
        self.runtime.run(command, self.who(by), *what)

    def _about(self, command: Command[..., object], by: str, what: object) -> None:
        self.runtime.run(command, self.who(by), self.incident_id, what)

    def _submit_drafts(self) -> None:
        for draft in self.drafts:
            self._submit(self.story.needs.by, draft)

    def _draft(self) -> None:
        needs = self.story.needs
        self.drafts = self.runtime.run(requests.draft_from_needs, self.who(needs.by), self.incident_id, needs.urgency)

    def _ask(self, step: RequestStep) -> None:
        latest = self.clock.now + timedelta(hours=step.arrive_within_hours)
        request = RequestInput(
            incident_id=self.incident_id,
            organisation_code=step.organisation_code,
            addressee_code=step.addressee_code,
            urgency=step.urgency,
            area_code=step.area_code,
            delivery_site_code=step.delivery_site_code,
            receiver=step.receiver,
            receiver_phone=step.receiver_phone,
            reason=step.reason,
            own_stock_note=step.own_stock_note,
            lines=tuple(
                RequestLineInput(line.sku, line.quantity, latest, line.persons, note=line.note) for line in step.lines
            ),
        )
        written = self.runtime.run(requests.draft, self.who(step.by), request)
        self.written.append(written)
        self._submit(step.by, written)

    def _submit(self, by: str, request_id: UUID) -> None:
        row = self.runtime.read(asking.request, self.who(by), str(request_id))
        self.runtime.run(requests.submit, self.who(by), request_id, row.version)

    def _review(self, by: str, addressee_code: str) -> None:
        """Accept everything that lies before the reviewer."""
        for row in self.runtime.read(asking.requests, self.who(by), incident_id=self.incident_id):
            if row.addressee_code == addressee_code and row.state == "submitted":
                accepted = {line.id: line.quantity for line in row.lines}
                self.runtime.run(requests.review, self.who(by), row.id, row.version, Review(accepted))

    def _write(self, step: LetterStep) -> None:
        letter = LetterInput(
            self.incident_id,
            step.organisation_code,
            step.addressee_code,
            step.subject,
            step.body,
            step.reply_by,
            step.contact,
            step.phone,
        )
        letter_id = self.runtime.run(requests.send_letter, self.who(step.by), letter)
        if step.answer is not None:
            now, self.clock.now = self.clock.now, step.answer.at
            self.runtime.run(
                requests.answer_letter, self.who(step.answer.by), letter_id, step.answer.state, step.answer.answer
            )
            self.clock.now = now
