"""Reserves: the board, item by item, what stands behind a figure, how long stock lasts."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.catalogue import queries as catalogue
from supplyops.catalogue.rules import GbMajor
from supplyops.demo import scenarios
from supplyops.kernel.errors import NotFound
from supplyops.norms.rules import Season
from supplyops.people.rules import Level
from supplyops.reserves import commands, queries
from supplyops.reserves.cover import CoverInput, cover
from supplyops.reserves.places import Place
from supplyops.reserves.rules import FOUR_TAGS, Adequacy, Grouping
from supplyops.reserves.views import AdequacyFilter
from web import forms, view
from web.forms import Form
from web.lists.reserves import ADEQUACY, METHODS, TIERS
from web.view import signed_in

E = TypeVar("E", Level, GbMajor, Adequacy, Season)


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/reserves", view_func=reserves)
    add("/reserves/items", view_func=reserve_items)
    add("/reserves/items/<level>/<area>/<sku>", view_func=reserve_item)
    add("/reserves/methods", view_func=reserve_methods)
    add("/reserves/report", view_func=issue_adequacy_report, methods=["POST"])
    add("/reserves/cover", view_func=reserve_cover)


def _member(kind: type[E], name: str) -> E | None:
    value = request.args.get(name, "")
    return kind(value) if value in set(kind) else None


def filter_from_query() -> AdequacyFilter:
    """The filter that the address names; words that are no code do not narrow."""
    args = request.args
    return AdequacyFilter(
        level=_member(Level, "level"),
        area_code=args.get("area", "")[:20],
        tag=args.get("tag", "")[:20],
        need_class=args.get("need_class", "")[:20],
        gb_major=_member(GbMajor, "gb_major"),
        sku=args.get("sku", "")[:6],
        colour=_member(Adequacy, "colour"),
        season=_member(Season, "season"),
    )


@signed_in
def reserves() -> Any:
    """The board: every tier by the four tags and by class, then every place, in colours and words."""
    where = filter_from_query()
    board = view.read(queries.board, where)
    return TIERS.file_of(board.tiers) or view.page(
        "reserves/board.html",
        board=board,
        crossings=[(each, _QUERY_NAMES[each.by]) for each in board.crossings],
        stick=view.read(queries.yardstick_in_force),
        where=where,
        seasons=list(Season),
        active=active_filters(where),
    )


_QUERY_NAMES = {Grouping.TAG: "tag", Grouping.NEED_CLASS: "need_class", Grouping.GB_MAJOR: "gb_major"}


def active_filters(where: AdequacyFilter) -> list[tuple[str, str]]:
    """What narrows the list, as (query field, words)."""
    names = {row.code: row.name for row in view.read(catalogue.need_classes)} if where.need_class else {}
    said = [
        ("level", view.word(where.level) if where.level else ""),
        ("area", where.area_code),
        ("tag", where.tag),
        ("need_class", names.get(where.need_class, where.need_class)),
        ("gb_major", view.word(where.gb_major) if where.gb_major else ""),
        ("sku", where.sku),
        ("colour", view.word(where.colour) if where.colour else ""),
        ("season", view.word(where.season) if where.season else ""),
    ]
    return [(name, text) for name, text in said if text]


@signed_in
def issue_adequacy_report() -> Response:
    """Print how full a place's reserve is, as a paper."""
    posted = request.form
    level, season = posted.get("level", ""), posted.get("season", "")
    if level not in set(Level):
        raise NotFound("reserve_place", area=level[:20])
    chosen = Season(season) if season in set(Season) else None
    number = view.run(commands.issue_adequacy_report, Level(level), posted.get("area", "")[:20], chosen)
    return view.back("pages.paper", "已出具报告,请打印", reference=number)


@signed_in
def reserve_items() -> Any:
    """Item by item, place by place."""
    where = filter_from_query()
    rows = view.read(queries.adequacy, where)
    if file := ADEQUACY.file_of(rows):
        return file
    return view.page(
        "reserves/items.html",
        rows=rows,
        where=where,
        active=active_filters(where),
        places=view.read(queries.visible_places),
        classes=view.read(catalogue.need_classes),
        tags=FOUR_TAGS,
        levels=[level for level in Level if level is not Level.OUTSIDE],
        colours=list(Adequacy),
        majors=list(GbMajor),
        seasons=list(Season),
    )


@signed_in
def reserve_item(level: str, area: str, sku: str) -> str:
    """One figure taken apart."""
    if level not in set(Level):
        raise NotFound("reserve_place", area=area)
    found = view.read(queries.detail, Level(level), area, sku, _member(Season, "season"))
    return view.page("reserves/item.html", found=found, row=found.row, stick=view.read(queries.yardstick_in_force))


@signed_in
def reserve_methods() -> Any:
    """What each way of counting people gives."""
    rows = view.read(queries.methods)
    return METHODS.file_of(rows) or view.page(
        "reserves/methods.html", rows=rows, stick=view.read(queries.yardstick_in_force)
    )


@signed_in
def reserve_cover() -> Response:
    """How long stock lasts for so many people."""
    places = view.read(queries.visible_places)
    form = Form(_initial(places))
    rows = None
    if request.args.get("persons") and places:
        with form.attempt():
            rows = view.read(cover, _wanted(places))
    return form.page(
        "reserves/cover.html",
        rows=rows,
        places=[
            (f"{place.level.value}:{place.area_code}", f"{view.word(place.level)} {place.name}") for place in places
        ],
        stories=[(name, scenarios.scenario(name).title) for name in scenarios.names()],
        seasons=[Season.SUMMER, Season.WINTER],
    )


def _initial(places: list[Place]) -> dict[str, str]:
    """What the address says, or a story's people where it names one, or what a new question starts from."""
    args = request.args.to_dict()
    first = f"{places[0].level.value}:{places[0].area_code}" if places else ""
    start = {"place": first, "season": Season.WINTER.value, "with_below": "1" if not args else ""}
    story = args.get("story", "")
    if story in scenarios.names() and not args.get("persons"):
        people = scenarios.people_of(story)
        start |= {
            "persons": str(people.persons), "season": people.season.value, "hazard": people.hazard.value,
            "sheltered": str(people.sheltered), "livestock": str(people.livestock),
        }  # fmt: skip
        args = {name: value for name, value in args.items() if name in {"place", "story", "with_below"}}
    return start | args


def _wanted(places: list[Place]) -> CoverInput:
    args = request.args
    level, _colon, area = args.get("place", "").partition(":")
    chosen = next((place for place in places if (place.level.value, place.area_code) == (level, area)), places[0])
    return CoverInput(
        level=chosen.level,
        area_code=chosen.area_code,
        persons=forms.whole("persons", args) or 0,
        season=_member(Season, "season") or Season.WINTER,
        hazard=args.get("hazard", "")[:40],
        sheltered=forms.whole("sheltered", args),
        livestock=forms.whole("livestock", args) or 0,
        with_below=bool(args.get("with_below")),
    )
