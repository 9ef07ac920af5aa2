"""How one cell is read and written: text to a value of the trade and back, exactly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol

from supplyops.contracts.rules import Ramp
from supplyops.exchange.normalise import plain_decimal
from supplyops.kernel.clock import BEIJING, beijing, instant
from supplyops.tasks.rules import SKILLS, TEAMS_MAX, TaskNeed
from supplyops.wording.labels import LABELS
from supplyops.wording.skills import skill_word

LIST_SEPARATORS = re.compile(r"[\u3001,\uff0c;\uff1b]")
SHOWN_MAX = 40


class Unreadable(Exception):
    """A cell that does not say what its column asks for. `code` has a sentence in wording."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Parser(Protocol):
    """Reads the text of a cell, never empty; writes a value, never None. `hint` says in a few words what to write."""

    @property
    def hint(self) -> str:
        """What to write in the cell, in a few words."""
        ...

    @property
    def is_free_text(self) -> bool:
        """Is the cell kept letter by letter, full-width characters included?"""
        ...

    def read(self, text: str) -> Any:
        """The value. Raises Unreadable."""
        ...

    def write(self, value: Any) -> str:
        """The text that reads as the value again."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """Words, kept as they are."""

    hint: str = "文字"
    is_free_text: bool = True

    def read(self, text: str) -> str:
        """The text itself."""
        return text

    def write(self, value: Any) -> str:
        """The text itself."""
        return str(value)


TEXT = Text()
CODE = Text("代码", is_free_text=False)
"""Codes, numbers of documents, plates, telephone numbers: full-width letters and digits are made narrow."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A number written in one unit and counted in a smaller one, `places` powers of ten below."""

    unit: str
    places: int = 0
    rounds: bool = False
    """Digits beyond the last place are rounded off (coordinates) instead of refused (everything that is counted)."""
    is_free_text: bool = False

    @property
    def hint(self) -> str:
        """`整数` or the unit with how many decimals."""
        if not self.places:
            return f"整数{f',单位{self.unit}' if self.unit else ''}"
        return f"数字,单位{self.unit},最多 {self.places} 位小数"

    def read(self, text: str) -> int:
        """The number in the smaller unit."""
        number = _decimal(text)
        scaled = number.scaleb(self.places)
        if self.rounds:
            return int(scaled.to_integral_value())
        if scaled != scaled.to_integral_value():
            if self.places:
                raise Unreadable("too_fine", value=text[:SHOWN_MAX], places=self.places, unit=self.unit)
            raise Unreadable("not_whole", value=text[:SHOWN_MAX])
        return int(scaled)

    def write(self, value: Any) -> str:
        """Without trailing zeros."""
        return plain_decimal(Decimal(int(value)).scaleb(-self.places))


WHOLE = Scaled("")
YUAN = Scaled("元", 2)
KILOGRAMS = Scaled("kg", 3)
TONNES = Scaled("t", 3)
CUBIC_METRES = Scaled("m³", 6)
KILOMETRES = Scaled("km", 3)
DEGREES = Scaled("度", 6, rounds=True)


@dataclass(frozen=True, slots=True)
class Percent:
    """A share in permille, written in percent. Without the sign a number up to 1 could mean two things and is refused."""

    hint: str = "百分数,例如 85%"
    is_free_text: bool = False

    def read(self, text: str) -> int:
        """The share in permille."""
        bare = text.removesuffix("%").strip()
        number = _decimal(bare)
        if bare == text and 0 < number <= 1:
            raise Unreadable("percent_unclear", value=text[:SHOWN_MAX])
        permille = number.scaleb(1)
        if permille != permille.to_integral_value():
            raise Unreadable("too_fine", value=text[:SHOWN_MAX], places=1, unit="%")
        return int(permille)

    def write(self, value: Any) -> str:
        """`850` -> `85%`."""
        return f"{plain_decimal(Decimal(int(value)).scaleb(-1))}%"


PERCENT = Percent()


@dataclass(frozen=True, slots=True)
class YesNo:
    """是 or 否."""

    hint: str = "是/否"
    is_free_text: bool = False

    def read(self, text: str) -> bool:
        """Yes or no, in the usual ways of writing it."""
        folded = text.casefold()
        if folded in {"是", "有", "y", "yes", "true", "1", "√"}:
            return True
        if folded in {"否", "无", "n", "no", "false", "0", "×"}:
            return False
        raise Unreadable("not_yes_no", value=text[:SHOWN_MAX])

    def write(self, value: Any) -> str:
        """是 or 否."""
        return "是" if value else "否"


YES_NO = YesNo()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list: the Chinese word or the code."""

    words: Mapping[str, str]
    kind: type[StrEnum] | None = None
    is_free_text: bool = False

    @property
    def hint(self) -> str:
        """The words to choose from."""
        return "/".join(self.words.values())

    def read(self, text: str) -> str:
        """The code; a member where the list is an enumeration."""
        folded = text.casefold()
        for code, word in self.words.items():
            if folded in (word.casefold(), code.casefold()):
                return self.kind(code) if self.kind else code
        raise Unreadable("choose_one", value=text[:SHOWN_MAX], choices=self.hint)

    def write(self, value: Any) -> str:
        """The Chinese word; for a code without one, the code."""
        return self.words.get(str(value), str(value))


def choice(kind: type[StrEnum]) -> Choice:
    """The words of an enumeration."""
    return Choice(LABELS[kind.__name__], kind)


@dataclass(frozen=True, slots=True)
class ListOf:
    """Several values in one cell, with 、 between them."""

    inner: Parser
    is_free_text: bool = False

    @property
    def hint(self) -> str:
        """What each is, and how they are joined."""
        return f"{self.inner.hint},多个用“、”分开"

    def read(self, text: str) -> tuple[Any, ...]:
        """The values in the order written, each once."""
        parts = [part.strip() for part in LIST_SEPARATORS.split(text) if part.strip()]
        values = [self.inner.read(part) for part in parts]
        if len(set(values)) < len(values):
            raise Unreadable("repeated", value=text[:SHOWN_MAX])
        return tuple(values)

    def write(self, value: Any) -> str:
        """Joined by 、."""
        return "、".join(self.inner.write(each) for each in value)


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day."""

    hint: str = "日期,例如 2026-01-05"
    is_free_text: bool = False

    def read(self, text: str) -> date:
        """From `2026-01-05`, `2026/1/5`, `2026.1.5`, `2026年1月5日` or `20260105`."""
        match = _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text)
        if match is None:
            if _SERIAL.fullmatch(text):
                day = _SERIAL_START + timedelta(days=int(text))
                raise Unreadable("excel_serial", value=text, day=day.isoformat())
            raise Unreadable("not_a_date", value=text[:SHOWN_MAX])
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            raise Unreadable("no_such_day", value=text[:SHOWN_MAX]) from None

    def write(self, value: Any) -> str:
        """ISO."""
        return str(value.isoformat())


DAY = Day()
_DAY = re.compile(
    r"(?P<year>\d{4})(?:[-/.]|\s*年\s*)(?P<month>\d{1,2})(?:[-/.]|\s*月\s*)(?P<day>\d{1,2})\s*日?(?: 0?0:00(?::00)?)?"
)
_SERIAL = re.compile(r"[3-5]\d{4}")
_SERIAL_START = date(1899, 12, 30)
_COMPACT_DAY = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment; without an offset it is Beijing time."""

    hint: str = "时间(北京时间),例如 2026-01-12 08:30"
    is_free_text: bool = False

    def read(self, text: str) -> datetime:
        """From ISO, or a day and a time with a blank between."""
        try:
            found = datetime.fromisoformat(text.replace("/", "-")) if len(text) > 10 else None
        except ValueError:
            found = None
        if found is None:
            match = _MOMENT.fullmatch(text)
            if match is None:
                raise Unreadable("not_a_moment", value=text[:SHOWN_MAX])
            day = DAY.read(match["day"])
            hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
            if hour > 23 or minute > 59 or second > 59:
                raise Unreadable("not_a_moment", value=text[:SHOWN_MAX])
            found = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=BEIJING)
        try:
            return instant(found)
        except ValueError:
            raise Unreadable("not_a_moment", value=text[:SHOWN_MAX]) from None

    def write(self, value: Any) -> str:
        """Beijing time; seconds and their fractions only where there are any."""
        local = beijing(value)
        if local.microsecond:
            return f"{local:%Y-%m-%d %H:%M:%S.%f}"
        return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


MOMENT = Moment()
_MOMENT = re.compile(r"(?P<day>\S+?)\s+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?")


@dataclass(frozen=True, slots=True)
class Ramps:
    """How a supplier's output grows: `24h:20%、48h:50%、72h:100%`."""

    hint: str = "小时:累计百分比,例如 24h:20%、72h:100%"
    is_free_text: bool = False

    def read(self, text: str) -> tuple[Ramp, ...]:
        """The steps in the order written."""
        steps = []
        for part in LIST_SEPARATORS.split(text):
            match = _RAMP.fullmatch(part.strip())
            if match is None:
                raise Unreadable("bad_ramp", value=text[:SHOWN_MAX])
            steps.append(Ramp(int(match["hours"]), PERCENT.read(match["share"] + "%")))
        return tuple(steps)

    def write(self, value: Any) -> str:
        """The steps joined by 、."""
        return "、".join(f"{step.hours}h:{PERCENT.write(step.permille)}" for step in value)


RAMPS = Ramps()
_RAMP = re.compile(r"(?P<hours>\d{1,5})\s*(?:h|小时)?\s*[:\uff1a]\s*(?P<share>\d{1,3}(?:\.\d)?)\s*%", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ratio:
    """So much for each unit of something: `15`, `0.2` or `1/5`; kept as numerator and denominator."""

    hint: str = "数字或分数,例如 15、0.2、1/5"
    is_free_text: bool = False

    def read(self, text: str) -> tuple[int, int]:
        """(numerator, denominator); a fraction is kept as written."""
        match = _RATIO.fullmatch(text)
        if match:
            numerator, denominator = int(match["over"]), int(match["under"])
            if not denominator:
                raise Unreadable("not_a_ratio", value=text[:SHOWN_MAX])
            return numerator, denominator
        try:
            exact = Fraction(_decimal(text))
        except Unreadable:
            raise Unreadable("not_a_ratio", value=text[:SHOWN_MAX]) from None
        return exact.numerator, exact.denominator

    def write(self, value: Any) -> str:
        """`15`, or `1/5`."""
        numerator, denominator = value
        return str(numerator) if denominator == 1 else f"{numerator}/{denominator}"


RATIO = Ratio()
_RATIO = re.compile(r"(?P<over>\d{1,9})\s*/\s*(?P<under>\d{1,9})")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DIGITS_MAX = 18
"""Of a number on either side of its point."""


_LETTERS = {"O": "0", "o": "0", "\u3007": "0", "\u041e": "0", "l": "1", "I": "1", "|": "1"}
"""What is typed or read by a machine where a digit was meant."""


def _refuse_letters(text: str) -> None:
    """Name the letter that stands where a digit was meant, if that is all that is wrong. Raises Unreadable."""
    if not _NUMBER.fullmatch(text.translate({ord(letter): digit for letter, digit in _LETTERS.items()})):
        return
    position, found = next((place, letter) for place, letter in enumerate(text, start=1) if letter in _LETTERS)
    raise Unreadable("letter_in_number", value=text[:SHOWN_MAX], position=position, found=found, meant=_LETTERS[found])


def _decimal(text: str) -> Decimal:
    """An exact number. No exponents (a spreadsheet's way of shortening), no units, at most 18 digits a side."""
    bare = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    if not _NUMBER.fullmatch(bare):
        _refuse_letters(text)
        raise Unreadable("not_a_number", value=text[:SHOWN_MAX])
    if any(len(digits.lstrip("+-")) > _DIGITS_MAX for digits in bare.split(".")):
        raise Unreadable("too_many_digits", value=text[:SHOWN_MAX])
    return Decimal(bare)


@dataclass(frozen=True, slots=True)
class Needs:
    """Which teams a task needs: `人员搜索:2、医疗救护:1`. A need without a number is for one team."""

    hint: str = "能力或队伍类别:队数,例如 人员搜索:2、医疗救护:1"
    is_free_text: bool = False

    def read(self, text: str) -> tuple[TaskNeed, ...]:
        """The needs in the order written."""
        found = []
        for part in filter(None, (each.strip() for each in LIST_SEPARATORS.split(text))):
            match = _NEED.fullmatch(part)
            if match is None or not 1 <= (count := int(match["teams"] or 1)) <= TEAMS_MAX:
                raise Unreadable("bad_need", value=part[:SHOWN_MAX])
            found.append(TaskNeed(_SKILL.read(match["skill"].strip()), count))
        return tuple(found)

    def write(self, value: Any) -> str:
        """The needs joined by 、."""
        return "、".join(f"{_SKILL.write(need.skill)}:{need.teams}" for need in value)


NEEDS = Needs()
_SKILL = Choice({code: skill_word(code) for code in sorted(SKILLS)})
_NEED = re.compile(r"(?P<skill>[^:×*]+?)(?:\s*[:×*]\s*(?P<teams>\d{1,4})\s*[支队]?)?")
