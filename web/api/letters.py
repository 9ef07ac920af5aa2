"""Coordination letters over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from supplyops.incidents import queries as incidents
from supplyops.requests import commands, letter_queries
from supplyops.requests.letter_queries import LetterFilter, LetterRow
from supplyops.requests.rules import LetterInput, LetterState
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, window, writes

blueprint = noun("letters", "协调函:向指挥体系外的单位商请,登记答复")


@dataclass(frozen=True, slots=True)
class AnswerInput:
    """What the other body said."""

    state: LetterState
    answer: str


@blueprint.get("/")
@asks(blueprint, incident="突发事件编号", state="状态", offset="跳过几行", limit="最多几行")
@answers(blueprint, LetterRow, many=True)
@authenticated
def letters() -> Any:
    """可见的协调函,新的在前。"""
    incident = view.read(incidents.incident, request.args["incident"]).id if request.args.get("incident") else None
    return view.read(letter_queries.letters, LetterFilter(incident, choice(LetterState, "state")), *window())


@blueprint.post("/")
@writes(blueprint, LetterInput)
@answers(blueprint, LetterRow, status=201)
@authenticated
def send() -> Any:
    """发函。"""
    return view.read(letter_queries.letter, str(run(commands.send_letter, body(LetterInput))))


@blueprint.get("/<number>")
@answers(blueprint, LetterRow)
@authenticated
def letter(number: str) -> Any:
    """一份协调函。"""
    return view.read(letter_queries.letter, number)


@blueprint.post("/<number>/answer")
@writes(blueprint, AnswerInput)
@answers(blueprint, LetterRow)
@authenticated
def answer(number: str) -> Any:
    """登记答复。"""
    row, given = view.read(letter_queries.letter, number), body(AnswerInput)
    run(commands.answer_letter, row.id, given.state, given.answer)
    return view.read(letter_queries.letter, number)
