"""What a notice says: one sentence for every kind, with its figures in braces."""

from __future__ import annotations

from collections.abc import Mapping

NOTICES: dict[str, str] = {
    "lot_blocked": "{document} 占用的{item}批次 {lot}({quantity})已{state}:{because}。请改用其他批次或减少数量。",
    "lot_freed": "{document} 占用的{item}批次 {lot} 已恢复可用:{because}。",
    "lot_recalled_elsewhere": "{organisation}召回了{item}(厂家 {maker},批号 {batch}),本单位有同批物资 {quantity}:{because}。"
    "请自行封存或召回。",
    "hold_taken": "{document} 占用的{item}批次 {lot} 被接管 {quantity},改用于{winner}:{because}。请重新占用或减少数量。",
    "hold_expired": "{document} 占用的{item}批次 {lot}({quantity})已到期释放。请重新占用,或减少数量。",
}


class _Gaps(dict[str, object]):
    """Figures that a notice was written without."""

    def __missing__(self, key: str) -> str:
        return ""


def notice_sentence(template: str, params: Mapping[str, object]) -> str:
    """A notice's sentence with its figures."""
    return template.format_map(_Gaps(params))
