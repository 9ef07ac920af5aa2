"""Every file of the corpus comes to what it must come to: the same rows, or a refusal that says why, in time and in memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from supplyops.exchange import apart as reading_apart
from supplyops.exchange.kinds import KINDS
from supplyops.exchange.limits import CHILD_ADDRESSES_MB, CHILD_MEMORY_MB, CHILD_SECONDS
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.reading import Reading, names_of, read_as, sheet_of
from supplyops.exchange.sheet import Sheet
from supplyops.exchange.sheets import Wanted, read_sheet
from supplyops.wording.remedies import number_of
from tests.exchange import corpus
from tests.exchange.corpus import SAME, Case

LOTS = KINDS["lots"]
ROOT = Path(__file__).parents[2]
SECONDS_MAX = 10
MEMORY_MAX_KB = 300_000
Read = Callable[[Case, bytes], Sheet]
FAST = (corpus.texts_good, corpus.texts_bad, corpus.workbooks_good, corpus.workbooks_bad, corpus.others)


def here(case: Case, data: bytes) -> Sheet:
    """Read in this process: what the child does, without the start of one for each file."""
    return read_sheet(case.file, data, Wanted(case.encoding), frozenset(names_of(LOTS)))


def apart(case: Case, data: bytes) -> Sheet:
    """Read as every door reads."""
    return sheet_of(LOTS, case.file, data, Wanted(case.encoding))


def expected() -> tuple[list[object], list[object]]:
    """What the good file says, with and without letters that GBK does not have."""
    name = Case("", "a.csv", bytes, frozenset())
    every, without_uyghur = (
        read_as(LOTS, here(name, corpus.text_of(rows).encode())).done().inputs
        for rows in (corpus.GOOD, corpus.plain(corpus.GOOD))
    )
    return every, without_uyghur


def outcome(case: Case, read: Read, good: tuple[list[object], list[object]]) -> set[str]:
    """SAME, or the codes of what is wrong; a refusal is told in sentences that name no part of the program."""
    data = case.make()
    started = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    try:
        reading: Reading = read_as(LOTS, read(case, data)).done()
    except FileRefused as refused:
        assert refused.count >= 1
        for line in refused.lines:
            assert "Traceback" not in line
            assert "\n" not in line.removeprefix(case.file)
        found = {problem.code for problem in refused.problems}
        assert all(number_of(code) != "IMP-099" or code in {"not_positive"} for code in found), found
    else:
        found = {SAME} if reading.inputs in good else {"other rows"}
    spent = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - started
    assert spent < SECONDS_MAX, f"{case.name}: {spent:.1f} s"
    return found


def failures(cases: Iterator[Case], read: Read) -> list[str]:
    good = expected()
    told = []
    for case in cases:
        found = outcome(case, read, good)
        if not found & case.outcomes:
            told.append(f"{case.name}: {sorted(found)} instead of {sorted(case.outcomes)}")
        elif SAME not in found and len(case.outcomes) == 1 and case.name.startswith("cell ") and len(found) > 1:
            told.append(f"{case.name}: one thing is wrong, told as {sorted(found)}")
    return told


def test_the_corpus_is_as_large_as_was_promised() -> None:
    names = [f"{group.__name__} {case.name}" for group in (*FAST, corpus.large) for case in group()]
    assert len(names) >= 420
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("group", FAST, ids=lambda group: group.__name__)
def test_every_file_comes_to_what_it_must(group: Callable[[], Iterator[Case]]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert not failures(group(), here)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_MAX_KB


def some(cases: Iterator[Case]) -> Iterator[Case]:
    """Every good file, and of those that come to the same refusal the first two: what is read is read by the same code here."""
    seen: Counter[frozenset[str]] = Counter()
    for case in cases:
        seen[case.outcomes] += 1
        if case.outcomes == {SAME} or seen[case.outcomes] <= 2:
            yield case


APART = pytest.mark.parametrize(
    "group", (corpus.workbooks_good, corpus.workbooks_bad, corpus.others), ids=lambda group: group.__name__
)


@pytest.mark.slow
@APART
def test_a_process_of_its_own_comes_to_the_same(group: Callable[[], Iterator[Case]]) -> None:
    assert not failures(some(group()), apart)


@pytest.mark.long
@APART
def test_a_process_of_its_own_comes_to_the_same_with_every_file(group: Callable[[], Iterator[Case]]) -> None:
    assert not failures(group(), apart)


def costs_of_large_files() -> dict[str, object]:
    """What went wrong, and the most memory in kB that a child and this process took."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = failures(corpus.large(), apart)
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"told": told, "child": child, "own": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before}


@pytest.mark.long
def test_large_files_cost_little() -> None:
    """In a process of its own: the most that any child ever took would be some other test's."""
    code = "import json; from tests.exchange import test_corpus; print(json.dumps(test_corpus.costs_of_large_files()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(done.stdout)
    assert found["told"] == []
    assert found["child"] < (CHILD_MEMORY_MB + 60) * 1024
    assert found["own"] < MEMORY_MAX_KB + 200_000, "their bytes and rows included"


@pytest.mark.parametrize(("limit", "value"), [("CHILD_MEMORY_MB", 5), ("CHILD_SECONDS", 0.0)])
def test_a_child_that_takes_too_much_is_ended(monkeypatch: pytest.MonkeyPatch, limit: str, value: float) -> None:
    """Whoever asked is told so, and nothing of the child is left."""
    monkeypatch.setattr(reading_apart, limit, value)
    data = corpus.repacked(corpus.BASE, corpus.in_sheet(corpus.END, corpus.brim() + corpus.END))
    with pytest.raises(FileRefused) as caught:
        apart(Case("", "a.xlsx", bytes, frozenset()), data)
    assert [problem.code for problem in caught.value.problems] == ["file_too_costly"]
    assert not [child for child in psutil.Process().children() if "supplyops.exchange.child" in child.cmdline()]


def test_a_child_limits_itself() -> None:
    """Even if nobody watched: address space, processor, no files written, no core left behind."""
    code = (
        "import resource; from supplyops.exchange.child import _limit; _limit();"
        "print(*(resource.getrlimit(getattr(resource, 'RLIMIT_' + name))[1] for name in ('AS', 'CPU', 'FSIZE', 'CORE')))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert said == [str(CHILD_ADDRESSES_MB * 1_048_576), str(round(CHILD_SECONDS) + 2), "0", "0"]
