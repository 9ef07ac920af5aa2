"""Quantities: nothing is given twice, below a floor, to the wrong place, too late to keep, or in broken packs."""

from __future__ import annotations

from collections import defaultdict

from optimizer.check.book import Book
from optimizer.model import Carriage, Contract, LockMode
from optimizer.solution import Allocation, Why


def check_supply(book: Book) -> None:
    """All checks that need no road."""
    for place, allocation in enumerate(book.solution.allocations):
        _allocation(book, place, allocation)
    _lots(book)
    _floors(book)
    for contract in book.problem.contracts:
        _contract(book, contract)
    _lines(book)
    _locks(book)
    _sites(book)


def _allocation(book: Book, place: int, allocation: Allocation) -> None:
    where = f"allocation {place}"
    line = book.lines[allocation.line_id]
    item = book.item_of(allocation.source_id)
    book.expect(allocation.item_id == item.id, "wrong_item", where, item=allocation.item_id)
    counts = book.substitution(line, item.id)
    if counts is None:
        book.violation("item_not_wanted", where, item=item.id, line=line.id)
        return
    step = book.step_of(allocation.source_id)
    quantity, serves = allocation.quantity, allocation.serves
    book.expect(quantity > 0 and serves > 0, "not_positive", where, quantity=quantity, serves=serves)
    book.expect(quantity % step == 0, "broken_pack", where, quantity=quantity, pack=step)
    most = quantity * counts.item_quantity // counts.substitute_quantity
    less = (quantity - step) * counts.item_quantity // counts.substitute_quantity
    book.expect(less < serves <= most, "wrong_serves", where, serves=serves, most=most)
    book.expect(
        allocation.is_late == (not book.in_time(allocation)),
        "wrong_lateness",
        where,
        due_at=line.due_at,
        arrives_at=allocation.arrives_at,
    )
    latest = min(line.due_at + book.problem.rules.late_s_max, book.problem.rules.horizon_s)
    book.expect(allocation.arrives_at <= max(latest, line.due_at), "too_late", where, arrives_at=allocation.arrives_at)
    lot = book.lots.get(allocation.source_id)
    if lot is not None:
        book.expect(allocation.trip_no is not None, "lot_without_trip", where)
        book.expect(not lot.only_sites or line.site_id in lot.only_sites, "restricted", where, lot=lot.id)
        expired = lot.expires_at is not None and allocation.arrives_at >= lot.expires_at
        book.expect(not expired, "expired", where, lot=lot.id, expires_at=lot.expires_at)
    else:
        carriage = book.contracts[allocation.source_id].carriage
        by_fleet = carriage is Carriage.FLEET
        book.expect(
            by_fleet or allocation.arrives_at >= line.opens_at, "before_window_opens", where, opens_at=line.opens_at
        )
        book.expect(by_fleet == (allocation.trip_no is not None), "wrong_carriage", where, carriage=carriage.value)


def _lots(book: Book) -> None:
    for lot in book.problem.lots:
        taken = sum(allocation.quantity for allocation in book.by_source.get(lot.id, ()))
        book.expect(taken <= lot.quantity, "oversold", f"lot {lot.id}", taken=taken, there=lot.quantity)


def _floors(book: Book) -> None:
    there: dict[tuple[str, str, str], int] = defaultdict(int)
    for lot in book.problem.lots:
        taken = sum(allocation.quantity for allocation in book.by_source.get(lot.id, ()))
        there[lot.site_id, lot.item_id, lot.owner_id] += lot.quantity - taken
    before: dict[tuple[str, str, str], int] = defaultdict(int)
    for lot in book.problem.lots:
        before[lot.site_id, lot.item_id, lot.owner_id] += lot.quantity
    for floor in book.problem.floors:
        key = (floor.site_id, floor.item_id, floor.owner_id)
        stays, wanted = there[key], min(floor.quantity, before[key])
        book.expect(
            stays >= wanted, "below_floor", f"floor of {floor.item_id} at {floor.site_id}", stays=stays, floor=wanted
        )


def _contract(book: Book, contract: Contract) -> None:
    taken = book.by_source.get(contract.id, [])
    where = f"contract {contract.id}"
    total = sum(allocation.quantity for allocation in taken)
    book.expect(total <= contract.quantity, "oversold", where, taken=total, there=contract.quantity)
    if total:
        stands = any(allocation.trip_no in book.standing_trips for allocation in taken)
        enough = stands or total >= contract.minimum_order
        book.expect(enough, "below_minimum_order", where, taken=total, minimum=contract.minimum_order)
    if contract.carriage is Carriage.FLEET:
        return  # judged at the loading stop
    for allocation in taken:
        come = sum(other.quantity for other in taken if other.arrives_at <= allocation.arrives_at)
        given = given_by(contract, allocation.arrives_at)
        book.expect(come <= given, "before_contract_gives", where, at=allocation.arrives_at, come=come, given=given)
        line = book.lines[allocation.line_id]
        if contract.vehicle_type_id:
            reaches = _drives_there(book, contract, line.site_id, line.size_class_max)
            book.expect(reaches, "supplier_cannot_drive_there", where, site=line.site_id)


def given_by(contract: Contract, at: int) -> int:
    """What a contract's steps have given by an instant, altogether."""
    return max((step.quantity for step in contract.steps if step.at <= at), default=0)


def _drives_there(book: Book, contract: Contract, site_id: str, size_class_max: int) -> bool:
    """Is there any way for the supplier's vehicle? A plain search over open edges."""
    kind = book.types[contract.vehicle_type_id]
    target = book.sites[site_id]
    if kind.size_class > min(target.size_class_max, size_class_max):
        return False
    start = book.sites[contract.site_id].node
    seen, todo = {start}, [start]
    while todo and start and target.node:
        node = todo.pop()
        if node == target.node:
            return True
        for edge in book.problem.edges:
            passable = edge.is_open and kind.size_class <= edge.size_class_max
            passable = passable and (edge.bridge_limit_kg is None or kind.gross_mass_kg <= edge.bridge_limit_kg)
            passable = passable and (kind.is_snow_capable or not edge.snow_vehicles_only)
            passable = passable and (edge.height_limit_cm is None or kind.height_cm <= edge.height_limit_cm)
            passable = passable and (kind.can_ford or not edge.is_ford)
            passable = passable and not (edge.is_towing_barred and kind.is_towing)
            passable = passable and (kind.is_in_convoy or not edge.is_convoy_only)
            for a, b in ((edge.start, edge.end), (edge.end, edge.start)):
                if passable and a == node and b not in seen and (edge.is_two_way or a == edge.start):
                    seen.add(b)
                    todo.append(b)
    return False


def _lines(book: Book) -> None:
    gaps = {gap.line_id: gap for gap in book.solution.gaps}
    for line in book.problem.lines:
        where = f"line {line.id}"
        allocations = book.by_line.get(line.id, [])
        total = sum(allocation.serves for allocation in allocations)
        in_time = book.served_in_time(line)
        book.expect(total <= line.quantity, "overserved", where, serves=total, asked=line.quantity)
        stands = any(allocation.trip_no in book.standing_trips for allocation in allocations)
        useful = stands or in_time == 0 or in_time >= line.minimum_fill
        book.expect(useful, "below_minimum_fill", where, served=in_time)
        missing = line.quantity - in_time
        gap = gaps.get(line.id)
        if missing <= 0:
            only_locks = gap is None or (gap.quantity == 0 and all(reason.code is Why.LOCKED for reason in gap.reasons))
            book.expect(only_locks, "gap_of_served_line", where)
            continue
        if gap is None:
            book.violation("gap_missing", where, quantity=missing)
            continue
        book.expect(gap.quantity == missing, "wrong_gap", where, stated=gap.quantity, found=missing)
        book.expect(gap.late == total - in_time, "wrong_late", where, stated=gap.late, found=total - in_time)
        book.expect(bool(gap.reasons), "gap_without_reason", where)


def _locks(book: Book) -> None:
    given: dict[tuple[str, str], int] = defaultdict(int)
    for allocation in book.solution.allocations:
        given[allocation.source_id, allocation.line_id] += allocation.quantity
    excused = {
        (str(reason.params.get("source_id", "")), gap.line_id)
        for gap in book.solution.gaps
        for reason in gap.reasons
        if reason.code is Why.LOCKED
    }
    for lock in book.problem.locks:
        key = (lock.source_id, lock.line_id)
        where = f"lock of {lock.source_id} for {lock.line_id}"
        if lock.mode is LockMode.FORBID:
            book.expect(given[key] == 0, "lock_broken", where, given=given[key])
        if lock.mode in {LockMode.EXACTLY, LockMode.AT_MOST}:
            book.expect(given[key] <= lock.quantity, "lock_broken", where, given=given[key], lock=lock.quantity)
        if lock.mode in {LockMode.EXACTLY, LockMode.AT_LEAST}:
            kept = given[key] >= lock.quantity or key in excused
            book.expect(kept, "lock_broken", where, given=given[key], lock=lock.quantity)


def _sites(book: Book) -> None:
    """No site sends more than its crews can, or is brought more than it has room for.

    Trips that stand take place whatever is stated: where they alone are too much, nothing may be added to them.
    """
    for site in book.problem.sites:
        sent, come = book.sent_and_come[site.id]
        stood_out, stood_in = book.standing_sent_and_come[site.id]
        where = f"site {site.id}"
        if site.sends_g_max is not None:
            limit = max(site.sends_g_max, stood_out)
            book.expect(sent <= limit, "store_overloaded", where, sent_g=sent, limit_g=limit)
        if site.takes_cm3_max is not None:
            limit = max(site.takes_cm3_max, stood_in)
            book.expect(come <= limit, "place_overloaded", where, come_cm3=come, room_cm3=limit)
