"""Coordination letters over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from supplyops.incidents import queries as incidents
from supplyops.requests import commands, queries
from supplyops.requests.queries import LetterRow
from supplyops.requests.rules import LetterInput, LetterState
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, writes

blueprint = noun("letters", "协调函:向指挥体系外的单位商请,登记答复")


@dataclass(frozen=True, slots=True)
class AnswerInput:
    """What the other body said."""

    state: LetterState
    answer: str


@blueprint.get("/")
@asks(blueprint, incident="突发事件编号", state="状态")
@answers(blueprint, LetterRow, many=True)
@authenticated
def letters() -> Any:
    """可见的协调函,新的在前。"""
    incident = view.read(incidents.incident, request.args["incident"]).id if request.args.get("incident") else None
    state = choice(LetterState, "state")
    return [row for row in view.read(queries.letters, incident) if state in {None, row.state}]


@blueprint.post("/")
@writes(blueprint, LetterInput)
@answers(blueprint, LetterRow, status=201)
@authenticated
def send() -> Any:
    """发函。"""
    return view.read(queries.letter, str(run(commands.send_letter, body(LetterInput))))


@blueprint.get("/<number>")
@answers(blueprint, LetterRow)
@authenticated
def letter(number: str) -> Any:
    """一份协调函。"""
    return view.read(queries.letter, number)


@blueprint.post("/<number>/answer")
@writes(blueprint, AnswerInput)
@answers(blueprint, LetterRow)
@authenticated
def answer(number: str) -> Any:
    """登记答复。"""
    row, given = view.read(queries.letter, number), body(AnswerInput)
    run(commands.answer_letter, row.id, given.state, given.answer)
    return view.read(queries.letter, number)
