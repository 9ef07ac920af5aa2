"""Asking for supplies: drafting, submitting, reviewing, and hearing what became of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item, NeedClass
from supplyops.database.registry import References
from supplyops.incidents.commands import lock_open
from supplyops.incidents.queries import report
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.checks import Checks
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import Conflict, FieldError, Forbidden, InvalidInput, WrongState
from supplyops.kernel.oral import recorded
from supplyops.norms.figures import number
from supplyops.papers.commands import next_slip_number, take_document_number
from supplyops.people.tables import Organisation
from supplyops.places.tables import Area, Site
from supplyops.requests import papers
from supplyops.requests.queries import met_by_area, net_needs, own_stock_used
from supplyops.requests.rules import (
    REQUEST_STEPS,
    LetterInput,
    LetterState,
    RequestInput,
    RequestLineInput,
    RequestState,
    Review,
    Urgency,
    raised,
)
from supplyops.requests.tables import CoordinationLetter, SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, command, expect_version, unscoped


@command(Permission.REQUESTS_EDIT)
def draft(ctx: Context, request: RequestInput) -> UUID:
    """Write a request down. It can be changed until it is submitted."""
    lock_open(ctx, request.incident_id)
    asking, asked, site = _parties(ctx, request)
    ctx.require(Permission.REQUESTS_EDIT, asking.id)
    row = SupplyRequest(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "supply_request", asking.area_code),
        version=1,
        state=RequestState.DRAFT,
        incident_id=request.incident_id,
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        submitted_at=None,
        submitted_by_id=None,
        reviewed_at=None,
        reviewed_by_id=None,
        review_note="",
        ended_at=None,
        own_stock_used=[],
        organisation_id=asking.id,
        **_changeable(request, asked, site),
    )
    ctx.session.add(row)
    ctx.session.flush()  # the lines refer to it
    _write_lines(ctx, row, request)
    ctx.about("supply_request", row.id, row.number)
    return row.id


@command(Permission.REQUESTS_EDIT)
def edit(ctx: Context, request_id: UUID, version: int, request: RequestInput) -> int:
    """Change a draft; returns its new version. Raises Conflict `stale` when somebody else changed it meanwhile."""
    row = ctx.get(SupplyRequest, request_id, lock=True)
    ctx.require(Permission.REQUESTS_EDIT, row.organisation_id)
    expect_version("supply_request", row.version, version)
    if row.state is not RequestState.DRAFT:
        raise WrongState("supply_request", row.state.value, RequestState.DRAFT.value)
    asking, asked, site = _parties(ctx, request)
    if asking.id != row.organisation_id or request.incident_id != row.incident_id:
        raise InvalidInput(fields=(FieldError("organisation_code", "cannot_change"),))
    for name, value in _changeable(request, asked, site).items():
        setattr(row, name, value)
    row.version += 1
    for line in ctx.session.scalars(select(SupplyRequestLine).where(SupplyRequestLine.request_id == row.id)):
        ctx.session.delete(line)
    ctx.session.flush()  # line numbers are free again
    _write_lines(ctx, row, request)
    ctx.about("supply_request", row.id, row.number, version=row.version)
    return row.version


@command(Permission.REQUESTS_EDIT)
def draft_from_needs(ctx: Context, incident_id: UUID, urgency: Urgency, addressee_code: str = "") -> list[UUID]:
    """Draft one request per affected place from what its people need by the norms, less what is met or asked for already.

    Each place's own body asks; the body that commands the incident is asked, unless another is named. Places whose
    needs are met or asked for get no draft. Returns the drafts' ids.
    """
    incident = lock_open(ctx, incident_id)
    figures = report(ctx, incident_id)
    command_body = ctx.session.get(Organisation, incident.organisation_id)
    assert command_body is not None
    latest = ctx.now + timedelta(hours=number(ctx, "first_batch_hours"))
    wanted: dict[str, list[RequestLineInput]] = {}
    sites: dict[str, str] = {}
    for row in net_needs(ctx, incident_id):
        need = row.need
        if row.to_draft:
            sites[need.area_code] = need.delivery_site_code
            wanted.setdefault(need.area_code, []).append(
                RequestLineInput(
                    need.sku,
                    row.to_draft,
                    latest,
                    max(need.persons, 1),
                    computed_need=need.packed,
                    protected_permille=need.protected_permille,
                )
            )
    return [
        draft(
            ctx,
            _request_for(
                ctx,
                incident,
                area_code,
                sites[area_code],
                tuple(lines),
                urgency,
                addressee_code or command_body.code,
                figures.version,
            ),
        )
        for area_code, lines in sorted(wanted.items())
    ]


def _request_for(
    ctx: Context,
    incident: Incident,
    area_code: str,
    site_code: str,
    lines: tuple[RequestLineInput, ...],
    urgency: Urgency,
    addressee_code: str,
    version: int,
) -> RequestInput:
    body = _body_of_area(ctx, area_code, incident.organisation_id)
    site = ctx.session.scalars(
        unscoped(select(Site).where(Site.code == site_code), "the report names it")
    ).one_or_none()
    if site is None:
        raise InvalidInput(fields=(FieldError("delivery_site_code", "no_delivery_point", {"value": area_code}),))
    area = ctx.session.get(Area, area_code)
    assert area is not None
    return RequestInput(
        incident_id=incident.id,
        organisation_code=body.code,
        addressee_code=addressee_code,
        urgency=urgency,
        area_code=area_code,
        delivery_site_code=site_code,
        receiver=site.contact or body.contact or body.name,
        receiver_phone=site.phone or body.duty_phone or body.phone or "-",
        reason=f"{incident.name}:{area.name}受灾群众安置,按灾情第{version}版测算",
        lines=lines,
        vehicle_class_max=site.vehicle_class_max,
        report_version=version,
    )


def _body_of_area(ctx: Context, area_code: str, fallback_id: UUID) -> Organisation:
    """The body that answers for an area: its own, else that of the area above, else the one in command."""
    code = area_code
    while code:
        body = ctx.session.scalars(
            select(Organisation).where(Organisation.code == code, Organisation.in_chain.is_(True))
        ).one_or_none()
        if body is not None:
            return body
        area = ctx.session.get(Area, code)
        code = area.parent_code if area else ""
    body = ctx.session.get(Organisation, fallback_id)
    assert body is not None
    return body


def _parties(ctx: Context, request: RequestInput) -> tuple[Organisation, Organisation, Site]:
    bodies = References(ctx.session, Organisation, [request.organisation_code, request.addressee_code])
    errors = []
    for name in ("organisation_code", "addressee_code"):
        try:
            bodies[getattr(request, name)]
        except KeyError:
            errors.append(FieldError(name, "unknown_reference", {"value": getattr(request, name)}))
    site = ctx.session.scalars(
        unscoped(select(Site).where(Site.code == request.delivery_site_code), "anywhere may be delivered to")
    ).one_or_none()
    if site is None:
        errors.append(FieldError("delivery_site_code", "unknown_reference", {"value": request.delivery_site_code}))
    if ctx.session.get(Area, request.area_code) is None:
        errors.append(FieldError("area_code", "unknown_reference", {"value": request.area_code}))
    if not errors and not bodies[request.addressee_code].in_chain:
        errors.append(FieldError("addressee_code", "outside_chain", {"value": bodies[request.addressee_code].name}))
    if errors:
        raise InvalidInput(fields=tuple(errors))
    assert site is not None
    return bodies[request.organisation_code], bodies[request.addressee_code], site


def _changeable(request: RequestInput, asked: Organisation, site: Site) -> dict[str, object]:
    return {
        "addressee_id": asked.id,
        "urgency": request.urgency,
        "area_code": request.area_code,
        "delivery_site_id": site.id,
        "receiver": request.receiver,
        "receiver_phone": request.receiver_phone,
        "vehicle_class_max": request.vehicle_class_max,
        "road_note": request.road_note,
        "receives_from": request.receives_from,
        "reason": request.reason,
        "own_stock_note": request.own_stock_note,
        "report_version": request.report_version,
    }


def _write_lines(ctx: Context, row: SupplyRequest, request: RequestInput) -> None:
    items = References(ctx.session, Item, [line.sku for line in request.lines], column="sku")
    for place, line in enumerate(request.lines):
        items.find(f"lines.{place}", "sku", line.sku)
    items.done()
    ranks = {found.code: found.rank for found in ctx.session.scalars(select(NeedClass))}
    raise_by = number(ctx, f"urgency.raise.{request.urgency.value}")
    met = met_by_area(ctx, request.incident_id)
    for place, line in enumerate(request.lines, start=1):
        item = items[line.sku]
        ctx.session.add(
            SupplyRequestLine(
                id=ctx.new_id(),
                request_id=row.id,
                line_no=place,
                item_id=item.id,
                computed_need=line.computed_need,
                already_met=sum(met.get((request.area_code, line.sku), (0, 0))),
                quantity=line.quantity,
                class_rank=line.class_rank or raised(ranks[item.need_class], raise_by),
                severity=line.severity,
                persons=line.persons,
                protected_permille=line.protected_permille,
                minimum_fill=line.minimum_fill,
                allows_substitutes=line.allows_substitutes,
                latest_arrival_at=line.latest_arrival_at,
                note=line.note,
                accepted=0,
                approved=0,
                loaded=0,
                delivered=0,
            )
        )


@command(Permission.REQUESTS_SUBMIT)
def submit(ctx: Context, request_id: UUID, version: int) -> None:
    """Send a request to the body that is asked, on paper (F14).

    What the asking body has used of its own stock is filled in from the ledger; asking a higher level than the one in
    command is refused (Conflict `own_stock_first`) unless own stock was used or the reason why not is written down.
    """
    row = ctx.get(SupplyRequest, request_id, lock=True)
    ctx.require(Permission.REQUESTS_SUBMIT, row.organisation_id)
    expect_version("supply_request", row.version, version)
    _step(row, RequestState.SUBMITTED)
    incident = lock_open(ctx, row.incident_id)
    used = own_stock_used(ctx, row.incident_id, row.organisation_id)
    if not used and not row.own_stock_note.strip() and _is_above(ctx, row.addressee_id, incident.organisation_id):
        raise Conflict("own_stock_first")
    row.own_stock_used = plain(to_json(used))
    row.submitted_at, row.submitted_by_id = ctx.now, ctx.principal.user_id
    row.version += 1
    ctx.session.flush()  # the paper is written from the rows
    papers.issue_request(ctx, row, incident)
    ctx.about("supply_request", row.id, row.number)


def _is_above(ctx: Context, body_id: UUID, other_id: UUID) -> bool:
    above, below = ctx.path_of(body_id), ctx.path_of(other_id)
    return below.startswith(above) and above != below


@command(Permission.REQUESTS_REVIEW)
def review(ctx: Context, request_id: UUID, version: int, verdict: Review) -> RequestState:
    """Accept the lines of a request, wholly or in part, or refuse it with a note. Not by whoever submitted it."""
    row = ctx.get(SupplyRequest, request_id, lock=True)
    ctx.require(Permission.REQUESTS_REVIEW, row.addressee_id)
    expect_version("supply_request", row.version, version)
    if row.submitted_by_id is not None and row.submitted_by_id == ctx.principal.user_id:
        raise Forbidden("own_document")
    lines = _lines(ctx, row.id)
    check = Checks()
    check.that(set(verdict.accepted) <= {line.id for line in lines}, "accepted", "unknown_reference")
    for line in lines:
        check.whole(f"accepted.{line.id}", verdict.accepted.get(line.id, 0), maximum=line.quantity)
    accepts = any(verdict.accepted.values())
    check.text("note", verdict.note, length_max=400, required=not accepts)
    check.done()
    _step(row, RequestState.ACCEPTED if accepts else RequestState.REJECTED)
    for line in lines:
        line.accepted = verdict.accepted.get(line.id, 0)
    row.reviewed_at, row.reviewed_by_id, row.review_note = ctx.now, ctx.principal.user_id, verdict.note
    row.ended_at = None if accepts else ctx.now
    row.version += 1
    ctx.about("supply_request", row.id, row.number, state=row.state.value)
    return row.state


@command(Permission.REQUESTS_SUBMIT)
def cancel(ctx: Context, request_id: UUID, version: int) -> None:
    """Take back a request that nobody has accepted yet."""
    row = ctx.get(SupplyRequest, request_id, lock=True)
    ctx.require(Permission.REQUESTS_SUBMIT, row.organisation_id)
    expect_version("supply_request", row.version, version)
    _step(row, RequestState.CANCELLED)
    row.ended_at = ctx.now
    row.version += 1
    papers.end_request(ctx, row)
    ctx.about("supply_request", row.id, row.number)


@command(Permission.INTERNAL)
def record_fulfilment(ctx: Context, line_id: UUID, *, approved: int = 0, loaded: int = 0, delivered: int = 0) -> None:
    """Dispatch tells what became of a line: changes of what is approved, loaded, delivered (negative when taken back)."""
    line = ctx.session.get(SupplyRequestLine, line_id, with_for_update=True)
    assert line is not None, "dispatch names lines that exist"
    line.approved += approved
    line.loaded += loaded
    line.delivered += delivered
    ctx.session.flush()  # what is still open is asked for right after


@command(Permission.REQUESTS_COORDINATE)
def send_letter(ctx: Context, letter: LetterInput) -> UUID:
    """Write to a body outside the chain of command (协调函). Bodies inside the chain are asked by request."""
    incident = lock_open(ctx, letter.incident_id)
    bodies = References(ctx.session, Organisation, [letter.organisation_code, letter.addressee_code])
    for name in ("organisation_code", "addressee_code"):
        bodies.find("letter", name, getattr(letter, name))
    bodies.done()
    sender, addressee = bodies[letter.organisation_code], bodies[letter.addressee_code]
    ctx.require(Permission.REQUESTS_COORDINATE, sender.id)
    if addressee.in_chain:
        raise InvalidInput(fields=(FieldError("addressee_code", "inside_chain", {"value": addressee.name}),))
    row = CoordinationLetter(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "coordination_letter", sender.area_code),
        document_number=take_document_number(ctx, f"{sender.document_prefix}函", letter.document_number),
        state=LetterState.SENT,
        incident_id=incident.id,
        organisation_id=sender.id,
        addressee_id=addressee.id,
        subject=letter.subject,
        body=letter.body,
        reply_by=letter.reply_by,
        contact=letter.contact,
        phone=letter.phone,
        oral=recorded(letter.oral, ctx.now),
        sent_at=ctx.now,
        sent_by_id=ctx.principal.user_id,
        answered_at=None,
        answer="",
    )
    ctx.session.add(row)
    ctx.session.flush()  # the paper is written from the row
    papers.issue_letter(ctx, row, incident, sender, addressee)
    ctx.about("coordination_letter", row.id, row.document_number)
    return row.id


@command(Permission.REQUESTS_COORDINATE)
def answer_letter(ctx: Context, letter_id: UUID, state: LetterState, answer: str) -> None:
    """Note what the other body answered."""
    row = ctx.get(CoordinationLetter, letter_id, lock=True)
    ctx.require(Permission.REQUESTS_COORDINATE, row.organisation_id)
    check = Checks()
    check.text("answer", answer, length_max=1000)
    check.that(state is not LetterState.SENT, "state", "unknown_choice", value=state.value, allowed=[])
    check.done()
    if row.state is not LetterState.SENT:
        raise WrongState("coordination_letter", row.state.value, LetterState.SENT.value)
    row.state, row.answer, row.answered_at = state, answer, ctx.now
    ctx.about("coordination_letter", row.id, row.document_number, state=state.value)


def _lines(ctx: Context, request_id: UUID) -> list[SupplyRequestLine]:
    return list(
        ctx.session.scalars(
            select(SupplyRequestLine)
            .where(SupplyRequestLine.request_id == request_id)
            .order_by(SupplyRequestLine.line_no)
        )
    )


def _step(row: SupplyRequest, to: RequestState) -> None:
    if to not in REQUEST_STEPS[row.state]:
        raise WrongState("supply_request", row.state.value, becomes=to.value)
    row.state = to
