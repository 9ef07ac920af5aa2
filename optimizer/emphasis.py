"""What a plan stresses beyond the strict order of classes: the same problem solved for speed, evenness or economy.

Classes, deadlines and every rule hold whatever the emphasis; only what comes after them changes places (`value` in
`optimizer.worth` says how):

- usual: within a class the most persons × fill, then the poorest line; the order of use; arrival and cost at the price of waiting
- fast: arrival goes before the order of use and before any cost
- fair: within a class the poorest line first, then the most persons × fill
- frugal: cost (transport and goods) goes before the order of use and before arrival
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from optimizer.model import Problem


class Emphasis(StrEnum):
    """What is stressed once classes and deadlines are as good as can be."""

    USUAL = "usual"
    FAST = "fast"
    FAIR = "fair"
    FRUGAL = "frugal"


ALTERNATIVES = (Emphasis.FAST, Emphasis.FAIR, Emphasis.FRUGAL)
"""Those that are laid beside a usual plan."""


def stressed(problem: Problem, emphasis: Emphasis) -> Problem:
    """The problem as the search sees it: an hour of waiting has no price but goes first, or is worth nothing at all.

    Nothing that a plan is judged by changes, so a plan for it is a plan for the problem.
    """
    if emphasis not in {Emphasis.FAST, Emphasis.FRUGAL}:
        return problem
    price = None if emphasis is Emphasis.FAST else 0
    return replace(problem, rules=replace(problem.rules, waiting_fen_per_person_hour=price))
