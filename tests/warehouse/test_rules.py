"""Which bin goods go to."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest

from supplyops.kernel.errors import InvalidInput
from supplyops.kernel.keeping import StorageClass, suits
from supplyops.places.rules import LocationInput, LocationKind
from supplyops.warehouse.rules import Bin, Goods, PutAwayInput, Turnover, capacity_for, suggest, turnover_of

M3 = 1_000_000
_ids = itertools.count(1)


def bin_(code: str, free_m3: int | None = 100, **more: object) -> Bin:
    given: dict[str, object] = {"storage_class": None, "walk_rank": None, "holds_item": False, "is_empty": True} | more
    return Bin(UUID(int=next(_ids)), code, free_cm3=None if free_m3 is None else free_m3 * M3, **given)  # type: ignore[arg-type]


def goods(turnover: Turnover = Turnover.NORMAL, storage_class: StorageClass = StorageClass.DRY, pack: int = 1) -> Goods:
    return Goods(M3, pack, storage_class, turnover)


def places(*bins: Bin, quantity: int = 10, of: Goods | None = None) -> list[tuple[str, int]]:
    found, left = suggest(of or goods(), quantity, bins)
    assert sum(each.quantity for each in found) + left == quantity
    return [(each.code, each.quantity) for each in found]


def test_dangerous_and_cold_goods_go_only_where_they_belong() -> None:
    for kind in (StorageClass.HAZARDOUS, StorageClass.REFRIGERATED):
        others = [
            bin_(f"x{n}", storage_class=other) for n, other in enumerate([None, *StorageClass]) if other is not kind
        ]
        assert places(*others, of=goods(storage_class=kind)) == []
        assert places(*others, bin_("own", storage_class=kind), of=goods(storage_class=kind)) == [("own", 10)]
    assert suits(StorageClass.DRY, StorageClass.HAZARDOUS) is None
    assert suits(StorageClass.FROST_FREE, StorageClass.OPEN_AIR) is None


def test_a_bin_made_for_the_goods_comes_before_one_of_which_nothing_is_known() -> None:
    assert places(bin_("a"), bin_("b", storage_class=StorageClass.DRY)) == [("b", 10)]
    assert places(bin_("a"), bin_("b", storage_class=StorageClass.COOL)) == [("a", 10)]


def test_the_same_item_comes_together_and_then_empty_bins() -> None:
    assert places(bin_("a"), bin_("b", holds_item=True, is_empty=False), bin_("c", is_empty=False)) == [("b", 10)]
    assert places(bin_("c", is_empty=False), bin_("d")) == [("d", 10)]


def test_one_bin_that_takes_all_comes_before_two_and_the_tightest_first() -> None:
    assert places(bin_("a", 6), bin_("b", 50), bin_("c", 12)) == [("c", 10)]
    assert places(bin_("a", 6), bin_("b", 3), quantity=9) == [("b", 3), ("a", 6)]


def test_what_finds_no_room_is_said() -> None:
    found, left = suggest(goods(), 10, [bin_("a", 4), bin_("full", 0)])
    assert ([each.quantity for each in found], left) == ([4], 6)
    assert suggest(goods(), 10, []) == ((), 10)


def test_whole_packages_where_not_everything_fits() -> None:
    assert capacity_for(goods(pack=4), bin_("a", 10), 20) == 8
    assert capacity_for(goods(pack=4), bin_("a", 10), 10) == 10
    assert capacity_for(goods(pack=4), bin_("a", None), 999) == 999
    over = Bin(UUID(int=9), "over", None, -5, None, False, False)
    assert capacity_for(goods(), over, 3) == 0


def test_fast_goods_lie_near_slow_ones_far() -> None:
    near, middle, far = (bin_(code, walk_rank=rank) for code, rank in (("near", 1), ("middle", 5), ("far", 9)))
    assert places(far, middle, near, of=goods(Turnover.FAST)) == [("near", 10)]
    assert places(near, far, middle, of=goods(Turnover.SLOW)) == [("far", 10)]


def test_turnover_is_told_by_how_often_goods_are_fetched_beside_the_others() -> None:
    items = [UUID(int=n) for n in range(1, 8)]
    fetched = dict(zip(items, (60, 50, 10, 9, 8, 7), strict=False))
    assert [turnover_of(fetched, item) for item in items] == [
        Turnover.FAST, Turnover.FAST, Turnover.NORMAL, Turnover.NORMAL, Turnover.NORMAL, Turnover.NORMAL, Turnover.SLOW,
    ]  # fmt: skip
    assert turnover_of({items[0]: 1}, items[0]) is Turnover.FAST
    assert turnover_of({}, items[0]) is Turnover.SLOW


@pytest.mark.parametrize("more", [{"quantity": 0}, {"to_code": "r"}, {"lot_number": " "}, {"reason": "x" * 121}])
def test_a_put_away_that_cannot_be_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        PutAwayInput(**{"lot_number": "L", "from_code": "r", "to_code": "b", "quantity": 1} | more)  # type: ignore[arg-type]


def test_a_receiving_area_is_storage() -> None:
    with pytest.raises(InvalidInput):
        LocationInput("q", "待检", "s", LocationKind.QUARANTINE, is_receiving=True)
    with pytest.raises(InvalidInput):
        LocationInput("a", "架", "s", walk_rank=0)
