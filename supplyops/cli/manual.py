"""Writes docs/cli.md and docs/settings.md from the commands and settings themselves: `python -m supplyops.cli.manual`."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
from pathlib import Path

import click

from supplyops import config
from supplyops.cli.main import main
from supplyops.config import PREFIX, Settings

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS_HEAD = """# The command line

Written by `python -m supplyops.cli.manual` from the commands' own help; a test fails when the two differ.

`python3 run.py cli ARGS...` runs `supplyops ARGS...` in the project's environment. A command that acts says for whom with
`--as USER`; `--key KEY` makes it safe to send twice. `--json` prints one JSON document for programs.

Exit codes: 0 done, 1 a check found something, 2 wrong usage or could not run, 3 invalid input, 4 not found, 5 conflict with the state
of things, 6 not allowed, 70 unexpected, 75 busy, try again.
"""
SETTINGS_HEAD = f"""# Settings

Written by `python -m supplyops.cli.manual` from `supplyops/config.py`; a test fails when the two differ.

Settings come from the environment. An unknown name that begins with `{PREFIX}` is an error, so a slip of the pen does not go unseen.

| Name | Default | Meaning |
|---|---|---|
"""


def commands_text() -> str:
    """The manual of every command, depth first, in alphabetical order."""
    parts = [COMMANDS_HEAD]
    for path, command in _walk("supplyops", main):
        context = click.Context(
            command,
            info_name=path,
            max_content_width=110,
            terminal_width=110,
            help_option_names=main.context_settings["help_option_names"],
        )
        parts.append(f"\n## {path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
    return "".join(parts)


def _walk(path: str, command: click.Command) -> list[tuple[str, click.Command]]:
    found = [(path, command)]
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            found += _walk(f"{path} {name}", command.commands[name])
    return found


def settings_text() -> str:
    """One row for each setting, with the sentence that stands below it in the code."""
    meanings = _sentences_below_fields()
    rows = []
    for each in dataclasses.fields(Settings):
        default = "" if each.default in (None, "") else f"`{each.default}`"
        rows.append(f"| `{PREFIX}{each.name.upper()}` | {default} | {meanings[each.name]} |\n")
    return SETTINGS_HEAD + "".join(rows)


def _sentences_below_fields() -> dict[str, str]:
    module = ast.parse(inspect.getsource(config))
    body = next(node for node in module.body if isinstance(node, ast.ClassDef) and node.name == Settings.__name__).body
    found = {}
    for field, sentence in itertools.pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(sentence, ast.Expr)
            and isinstance(sentence.value, ast.Constant)
        ):
            found[field.target.id] = str(sentence.value.value)
    return found


def write(folder: Path = DOCS) -> None:
    """Write both files."""
    (folder / "cli.md").write_text(commands_text(), encoding="utf-8")
    (folder / "settings.md").write_text(settings_text(), encoding="utf-8")


if __name__ == "__main__":
    write()
