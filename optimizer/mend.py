"""The last hand on a routed plan, so that the strict order of classes holds on it as it will be driven.

Lines that would get less than they can use, and contracts called off for less than their smallest order, are dropped. Then,
class by class and the poorest line first: what is still missing and lies at a place from which a ride comes by in time goes
along, in free room, or in place of goods of a lower class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from optimizer.allocate import Network
from optimizer.allocate.arcs import exchange
from optimizer.assemble import Draft
from optimizer.model import DemandLine
from optimizer.rides import Book
from optimizer.solution import Allocation
from optimizer.timing import Cargo
from optimizer.travel import Roads

PASSES = 30
"""Goods of lower classes that were put off may find another ride: so often the lines are gone through at most, and almost always
far less often."""


def mended(net: Network, roads: Roads, made: Draft) -> Draft:
    """The plan, no worse for any class given the classes above it, and without goods that are of no use."""
    book = Book(net, roads, made)
    _drop_useless(book)
    for _ in range(PASSES):
        changed = False
        for line in in_order(book):
            changed |= _help(book, line)
        changed |= _drop_useless(book)
        if not changed:
            break
    return _counted_in_full(net, book.draft())


def _counted_in_full(net: Network, made: Draft) -> Draft:
    """The plan with last packs, which counted for a part only because others were to bring the rest, counted for what is missing still."""
    lines = {line.id: line for line in net.problem.lines}
    missing = {line.id: line.quantity for line in net.problem.lines}
    for row in made.allocations:
        missing[row.line_id] -= row.serves
    rows = list(made.allocations)
    for place in sorted(range(len(rows)), key=lambda place: rows[place].arrives_at):
        row = rows[place]
        gives, takes = exchange(lines[row.line_id], row.item_id)
        more = min(missing[row.line_id], row.quantity * gives // takes - row.serves)
        if more > 0:
            missing[row.line_id] -= more
            rows[place] = replace(row, serves=row.serves + more)
    return replace(made, allocations=tuple(rows))


def in_order(book: Book) -> list[DemandLine]:
    """Lines that miss something: by class, the poorest for its weight first."""
    got = {line.id: book.got(line.id)[0] for line in book.problem.lines}
    missing = [line for line in book.problem.lines if got[line.id] < line.quantity]
    return sorted(
        missing, key=lambda line: (line.class_rank, got[line.id] / (line.quantity * line.weight_permille), line.id)
    )


def _drop_useless(book: Book) -> bool:
    """Take off what comes in time for a line below its least useful quantity, or from a contract below its smallest order."""
    changed = False
    stands = book.standing_cargos()
    lines, sources = {cargo.line_id for cargo in stands}, {cargo.source_id for cargo in stands}
    while True:
        poor = {line.id for line in book.problem.lines if 0 < book.got(line.id)[0] < line.minimum_fill} - lines
        taken = book.taken()
        small = {
            contract.id for contract in book.problem.contracts if 0 < taken.get(contract.id, 0) < contract.minimum_order
        } - sources
        if not poor and not small:
            return changed
        changed = True
        kept_rows = [
            row for row in book.brought if row.source_id not in small and (row.is_late or row.line_id not in poor)
        ]
        book.replace_brought(kept_rows)
        for place, ride in enumerate(book.rides):
            kept = [
                cargo
                for cargo in ride.cargos
                if cargo.source_id not in small and (cargo.line_id not in poor or book.is_late(place, cargo))
            ]
            if len(kept) < len(ride.cargos):
                done = book.try_cargos(place, kept)
                assert done, "a ride with less aboard is over sooner"


def _help(book: Book, line: DemandLine) -> bool:
    """Bring more of what a line misses; says whether anything was found."""
    found = _divert_brought(book, line)
    pairs = book.usable[line.id] - book.fixed_sources(line.id)
    for place in sorted(book.tally.at_site[line.site_id]):
        for source_id in sorted(pairs):
            ride, source = book.rides[place], book.sources[source_id]  # anew: a trial may have changed the ride
            if line.site_id not in ride.site_ids or not ride.cargos or book.stands(place):
                break
            fits = source.site_id == ride.origin_id and source.id not in book.suppliers_bring
            if fits and book.clocks[place].unloaded_at.get(line.site_id, book.horizon) <= line.due_at:
                found |= _most(book, place, line, source_id)
    return found


def _most(book: Book, place: int, line: DemandLine, source_id: str) -> bool:
    """Put as much of a source on a ride for a line as helps and goes."""
    got = book.got(line.id)[0]
    gives, takes = exchange(line, book.sources[source_id].item_id)
    step = book.step_of(source_id)
    least = max(1, line.minimum_fill - got)
    fewest = -(least * takes // -(gives * step))
    most = _at_most(line.quantity - got, gives, takes)
    if most < fewest * step:
        return False
    free = book.free(source_id)
    if free < most:
        lower = _lower(book, line, book.tally.with_source[source_id], source_id)
        most = min(most, free + sum(cargo.quantity for _, cargo in lower))
    most //= step
    if most < fewest or not _put(book, place, line, source_id, fewest * step):
        return False
    low, high = 0, most - fewest  # how much more on top
    while low < high:
        middle = (low + high + 1) // 2
        if _put(book, place, line, source_id, middle * step):
            high, low = high - middle, 0
        else:
            high = middle - 1
    return True


def _at_most(serves: int, gives: int, takes: int) -> int:
    """The largest quantity that counts for no more than that: an uneven ratio is cut off."""
    return ((serves + 1) * takes - 1) // gives


def _put(book: Book, place: int, line: DemandLine, source_id: str, quantity: int) -> bool:
    """Put so much on a ride, making way at the cost of lower classes where needed: all of it, or nothing is changed."""
    before, stops = book.kept(), book.rides[place].site_ids
    gives, takes = exchange(line, book.sources[source_id].item_id)
    cargo = Cargo(source_id, line.id, quantity, quantity * gives // takes)
    if (
        cargo.serves
        and _reclaim(book, line, source_id, quantity - book.free(source_id))
        and less_late(book, line, cargo.serves)
    ):
        if book.try_cargos(place, [*book.rides[place].cargos, cargo], stops):
            return True
        if _make_way(book, place, line, cargo, stops):
            return True
    book.restore(before)
    return False


def _lower(
    book: Book, line: DemandLine, places: Iterable[int], source_id: str | None = None
) -> list[tuple[int, Cargo]]:
    """What those rides carry for lower classes (of one source), the lowest class first; what the commander fixed stays."""
    found = [
        (place, cargo)
        for place in sorted(places)
        for cargo in book.rides[place].cargos
        if (source_id is None or source_id == cargo.source_id)
        and book.lines[cargo.line_id].class_rank > line.class_rank
        and not book.stands(place)
        and cargo.source_id not in book.fixed_sources(cargo.line_id)
    ]
    return sorted(found, key=lambda pair: (-book.lines[pair[1].line_id].class_rank, pair[1].line_id, pair[1].source_id))


def _reclaim(book: Book, line: DemandLine, source_id: str, quantity: int) -> bool:
    """Take so much of a source away from lower classes."""
    step, wanted = book.step_of(source_id), book.free(source_id) + quantity
    if book.free(source_id) >= wanted:
        return True
    for place, cargo in _lower(book, line, book.tally.with_source[source_id], source_id):
        short = wanted - book.free(source_id)
        if short <= 0:
            return True
        less = min(cargo.quantity, -(-short // step) * step)
        book.try_cargos(place, _with_less(book, book.rides[place].cargos, cargo, less))
    return book.free(source_id) >= wanted


def less_late(book: Book, line: DemandLine, serves: int) -> bool:
    """Goods that would come late are not needed when others come in time."""
    while True:
        soon, late = book.got(line.id)
        over = soon + late + serves - line.quantity
        if over <= 0:
            return True
        rows = [
            (place, cargo)
            for place in sorted(book.tally.for_line[line.id])
            for cargo in book.rides[place].cargos
            if cargo.line_id == line.id
            and book.is_late(place, cargo)
            and not book.stands(place)
            and cargo.source_id not in book.fixed_sources(line.id)
        ]
        if not rows:
            return _less_brought(book, line, over)
        place, cargo = rows[-1]
        gives, takes = exchange(line, book.sources[cargo.source_id].item_id)
        step = book.step_of(cargo.source_id)
        less = min(cargo.quantity, -(-over * takes // (gives * step)) * step)
        if not book.try_cargos(place, _with_less(book, book.rides[place].cargos, cargo, less)):
            return False


def _less_brought(book: Book, line: DemandLine, over: int) -> bool:
    """The same with what a supplier would bring late: whole deliveries are called off."""
    late = [row for row in book.brought if row.line_id == line.id and row.is_late]
    if sum(row.serves for row in late) < over or any(row.source_id in book.fixed_sources(line.id) for row in late):
        return False
    book.replace_brought([row for row in book.brought if row not in late])
    return True


def _make_way(book: Book, place: int, line: DemandLine, cargo: Cargo, stops: tuple[str, ...]) -> bool:
    """Leave goods of lower classes behind, the lowest first, until the cargo fits; then take back what still has room."""
    left: list[Cargo] = []
    for _, other in _lower(book, line, [place]):
        left.append(other)
        gone = {(row.source_id, row.line_id) for row in left}
        kept = [row for row in book.rides[place].cargos if (row.source_id, row.line_id) not in gone]
        if book.try_cargos(place, [*kept, cargo], stops):
            for back in reversed(left):
                _take_back(book, place, back)
            return True
    return False


def _take_back(book: Book, place: int, cargo: Cargo) -> None:
    """Put back as much of what was left behind as has room."""
    step = book.step_of(cargo.source_id)
    low, high = 0, min(cargo.quantity, book.free(cargo.source_id)) // step
    gives, takes = exchange(book.lines[cargo.line_id], book.sources[cargo.source_id].item_id)
    if book.lines[cargo.line_id].site_id not in book.rides[place].site_ids:
        return
    bare = book.rides[place].cargos
    while low < high:
        middle = (low + high + 1) // 2
        part = replace(cargo, quantity=middle * step, serves=middle * step * gives // takes)
        if part.serves and book.try_cargos(place, [*bare, part]):
            low = middle
        else:
            high = middle - 1


def _with_less(book: Book, cargos: tuple[Cargo, ...], cargo: Cargo, less: int) -> list[Cargo]:
    gives, takes = exchange(book.lines[cargo.line_id], book.sources[cargo.source_id].item_id)
    found = []
    for row in cargos:
        if (row.source_id, row.line_id) == (cargo.source_id, cargo.line_id):
            rest = max(row.quantity - less, 0)
            found.append(replace(row, quantity=rest, serves=min(row.serves, rest * gives // takes)))
        else:
            found.append(row)
    return found


def _divert_brought(book: Book, line: DemandLine) -> bool:
    """What a supplier brings a lower class goes to the line instead, where it can have it in time."""
    found = False
    for arc in book.brought_in_time[line.id]:
        supply = book.net.supplies[arc.supply]
        if supply.source_id in book.fixed_sources(line.id):
            continue
        for row in list(book.brought):
            other = book.lines[row.line_id]
            same = row.source_id == supply.source_id
            if same and other.class_rank > line.class_rank and row.source_id not in book.fixed_sources(other.id):
                found |= _divert(book, line, row, arc.arrives_at)
    return found


def _divert(book: Book, line: DemandLine, row: Allocation, at: int) -> bool:
    """Have as much of a delivery as helps brought to the line at that instant, if its contract has given so much by then."""
    got, late = book.got(line.id)
    gives, takes = exchange(line, row.item_id)
    step = book.step_of(row.source_id)
    others = [kept for kept in book.brought if kept is not row]
    there = book.still_gives(row.source_id, others, at)
    quantity = min(row.quantity, there, _at_most(line.quantity - got, gives, takes)) // step * step
    serves = quantity * gives // takes
    if serves <= 0 or got + serves < line.minimum_fill or (late and not less_late(book, line, serves)):
        return False
    others_gives, others_takes = exchange(book.lines[row.line_id], row.item_id)
    quantity = book.least(row.source_id, line.id, serves)
    rest = row.quantity - quantity
    rows = [kept for kept in book.brought if kept is not row]  # less what came late, perhaps
    left = min(row.serves, rest * others_gives // others_takes)
    if left:
        rows.append(replace(row, quantity=book.least(row.source_id, row.line_id, left), serves=left))
    moved = replace(row, line_id=line.id, quantity=quantity, serves=serves, arrives_at=at, is_late=False)
    if line.site_id != book.lines[row.line_id].site_id and not book.has_room(moved):
        return False
    rows.append(moved)
    book.replace_brought(rows)
    return True
