"""Whatever a page can say has an English text beside the Chinese one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from supplyops.wording import errors, labels, stages, violations
from web.language import catalogue

WEB = Path(__file__).parents[2] / "web"
CHINESE = re.compile("[\u4e00-\u9fff]")
SAID = re.compile(r"""\b_\(\s*(?:"([^"]*)"|'([^']*)')\s*\)""")
ADD = "say it in English too, in web/translations/en.po"
OWN_NAMES = {"中文"}
"""A language is called by its own name."""


def test_what_templates_say_can_be_translated() -> None:
    """Every word stands in `_("...")`, so that the next test finds it."""
    bare = []
    for path in sorted(WEB.glob("templates/**/*.html")):
        text = SAID.sub("", re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
        for own in OWN_NAMES:
            text = text.replace(own, "")
        bare += [f"{path.name}: {line.strip()[:80]}" for line in text.splitlines() if CHINESE.search(line)]
    assert not bare, "\n".join(bare)


def test_what_templates_say_has_english() -> None:
    texts = {
        (path.name, double or single)
        for path in WEB.glob("templates/**/*.html")
        for double, single in SAID.findall(path.read_text(encoding="utf-8"))
    }
    assert len(texts) > 1000
    assert not missing(texts), ADD


def test_what_views_say_has_english() -> None:
    """Lines shown after a step, names of fields, filters in force. A text with a figure in it is a text with a {name}."""
    texts, mixed = set(), []
    for path in [*WEB.glob("pages/*.py"), *(WEB / name for name in ("forms.py", "navigation.py", "view.py"))]:
        for node, text in spoken(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                mixed.append(f"{path.name}:{node.lineno}")
            else:
                texts.add((path.name, text))
    assert not mixed, mixed
    assert len(texts) > 150
    assert not missing(texts), ADD


def spoken(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Every Chinese text of a module that is no docstring; an f-string as itself."""
    silent = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            silent.update(parts)
            if any(CHINESE.search(str(part.value)) for part in parts):
                yield node, ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in silent and CHINESE.search(str(node.value)):
            yield node, str(node.value)


@pytest.mark.parametrize(
    "words",
    [
        labels.LABELS, labels.FORMS, labels.FIGURES, labels.CRITERIA, labels.RESPONSE_LEVELS, errors.CHANGED, stages.STAGES,
        violations.VIOLATIONS, violations.SUBJECTS, violations.FIGURES, violations.DETAILS, violations.FRAMES,
    ],
    ids=[
        "labels", "forms", "figures", "criteria", "levels", "changes", "stages",
        "violations", "subjects", "plan figures", "details", "frames",
    ],
)  # fmt: skip
def test_words_for_codes_have_english(words: Any) -> None:
    found = {("words", text) for text in leaves(words)}
    found |= {("words", labels.response_level(level)) for level in labels.RESPONSE_LEVELS}
    assert not missing(found), ADD


def leaves(words: Any) -> Iterator[str]:
    """Every text of a nested table."""
    for value in words.values():
        if isinstance(value, dict):
            yield from leaves(value)
        else:
            yield value


def missing(texts: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Chinese texts that the catalogue lacks."""
    known = catalogue("en")
    return sorted(each for each in texts if CHINESE.search(each[1]) and each[1] not in known)


def test_the_catalogue_is_sound() -> None:
    """English is English, and says the same figures."""
    for text, english in catalogue("en").items():
        assert not CHINESE.search(english), text
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english)), text
