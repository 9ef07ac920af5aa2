"""The manual says what the commands and settings say."""

from __future__ import annotations

import dataclasses

from supplyops.cli.manual import DOCS, commands_text, settings_text
from supplyops.config import PREFIX, Settings

REMEDY = "write it again with: python3 -m supplyops.cli.manual (in the project's environment)"


def test_the_manual_of_the_command_line_is_up_to_date() -> None:
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == commands_text(), REMEDY


def test_the_manual_of_the_settings_is_up_to_date() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert text == settings_text(), REMEDY
    for each in dataclasses.fields(Settings):
        assert f"`{PREFIX}{each.name.upper()}`" in text
