"""What a late entry would do, as it is shown before it is made."""

from __future__ import annotations

from supplyops.cli.nouns import done, show_rows
from supplyops.stock.late_entries import LateEffect


def tell_effect(effect: LateEffect) -> None:
    """Show what an entry would do; nothing was done."""
    show_rows(
        effect.rows,
        (
            ("物资", "item_name"),
            ("批次", "lot_number"),
            ("库位", "location_name"),
            ("变化", "change"),
            ("当时(前)", "then_before"),
            ("当时(后)", "then_after"),
            ("此后最低", "lowest_after"),
            ("现在(前)", "now_before"),
            ("现在(后)", "now_after"),
            ("此后流水", "moves_since"),
        ),
        json_output=False,
    )
    done("补录,以上为试算,没有记账。" if effect.is_late else "以上为试算,没有记账。")
