"""How Chinese names are spelt in Latin letters, for whoever looks them up by sound."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=20_000)
def spelled(name: str) -> tuple[str, str]:
    """A name's pinyin and its initials, in small letters and without tones."""
    # Its dictionary takes more than a second to load, and few processes spell anything.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    return "".join(lazy_pinyin(name)).lower(), "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
