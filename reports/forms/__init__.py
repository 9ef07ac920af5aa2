"""The forms: what each is called, who gets which copy (联), and how its sheet is built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from reports.errors import UnknownForm
from supplyops.papers.contents import CONTENTS, Content, IssueNote

FOLDER = Path(__file__).parent


class Sheet(StrEnum):
    """The two kinds of paper: a table to be filled in and signed, or a document to GB/T 9704-2012."""

    SLIP = "slip"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `lines` names the field whose rows may run over pages, if any."""

    name: str
    title: str
    copies: tuple[str, ...]
    sheet: Sheet
    lines: str = ""

    @property
    def content(self) -> type[Content]:
        """The dataclass that fills it."""
        return CONTENTS[self.name]

    @property
    def template(self) -> str:
        """The template's name for the loader."""
        return f"{self.name}/template.html"

    @property
    def style(self) -> Path:
        """The form's own style sheet."""
        return FOLDER / self.name / "style.css"

    @property
    def styles(self) -> tuple[Path, ...]:
        """What all papers share, what its kind of sheet adds, and its own."""
        return FOLDER / "base.css", FOLDER / f"{self.sheet}.css", self.style

    @property
    def sample(self) -> Path:
        """The form's realistic samples."""
        return FOLDER / self.name / "sample.json"


FORMS = {
    form.name: form
    for form in (
        Form(
            "release_instruction",
            "救灾物资动用指令",
            ("存根", "储备单位", "接收单位", "财政抄送"),
            Sheet.DOCUMENT,
        ),
        Form(
            "allocation_slip",
            "救灾物资调拨单",
            ("存根(白)", "出库(红)", "承运(黄)", "接收(蓝)", "财务(绿)"),
            Sheet.SLIP,
            "lines",
        ),
        Form("receipt_note", "入库单(验收单)", ("采购", "库管记账", "财务"), Sheet.SLIP, "lines"),
        Form("issue_note", "出库单", ("领用部门", "库管统计", "记账", "承运"), Sheet.SLIP, "lines"),
        Form("purchase_plan", "应急物资年度采购计划", ("编制单位", "财政", "采购"), Sheet.SLIP, "lines"),
        Form("adequacy_report", "应急物资储备充足性报告", ("编制单位", "应急管理部门"), Sheet.SLIP, "lines"),
        Form("plan_study", "方案研判表", ("指挥部", "存档"), Sheet.SLIP, "lines"),
        Form("reserve_advice", "储备建议书", ("编制单位", "财政"), Sheet.SLIP, "lines"),
        Form("rotation_advice", "轮换建议表", ("库管", "业务科"), Sheet.SLIP, "lines"),
        Form("kit_note", "物资组拆单", ("库管记账", "经办", "财务"), Sheet.SLIP),
        Form("shipment_handover", "运输交接单", ("发货", "承运", "收货"), Sheet.SLIP, "stops"),
        Form(
            "transfer_slip",
            "物资调剂调拨单",
            ("存根", "调出", "承运", "调入", "财务"),
            Sheet.SLIP,
            "lines",
        ),
        Form("recovery_register", "回收登记表", ("储备单位", "交回单位"), Sheet.SLIP, "lines"),
        Form("scrap_application", "报废申请单", ("储备单位", "应急局", "财政"), Sheet.SLIP, "lines"),
        Form("calloff_notice", "合同启用通知", ("采购方", "供应商", "财政"), Sheet.SLIP, "lines"),
        Form("mobilisation_order", "救援队伍调动命令", ("指挥部", "队伍", "主管部门"), Sheet.SLIP),
        Form("supply_request", "应急物资需求申请单", ("申请单位", "受理单位"), Sheet.SLIP, "lines"),
        Form("count_sheet", "盘点表", ("库管", "财务"), Sheet.SLIP, "lines"),
        Form("morning_list", "晨会清单", ("库房",), Sheet.SLIP),
        Form("duty_handover", "值班交接记录", ("交班", "接班"), Sheet.SLIP),
        Form("coordination_letter", "协调函", ("存档", "收函单位"), Sheet.DOCUMENT),
        Form("asset_card", "资产卡", ("随物", "存档"), Sheet.SLIP),
        Form("asset_handout", "资产领用归还单", ("存根", "领用人", "库管记账"), Sheet.SLIP, "lines"),
    )
}

VIEWING_COPY = "查阅"
"""Not one of a form's copies: what is looked at and never signed."""
_ORDINALS = "一二三四五六七八九十"


def form_named(name: str) -> Form:
    """The form of that name. Raises UnknownForm."""
    if name not in FORMS:
        raise UnknownForm(form=name)
    return FORMS[name]


def default_copies(form: Form, content: object) -> tuple[str, ...]:
    """The copies a paper is printed in: the carrier's copy of an issue note only where there is a carrier."""
    if isinstance(content, IssueNote) and not content.carrier:
        return form.copies[:-1]
    return form.copies


def copy_labels(form: Form, copies: Sequence[str]) -> list[str]:
    """`第二联 出库(红)`: a copy keeps its number when it is printed alone; an unknown one is numbered as given."""
    labels = []
    for place, name in enumerate(copies):
        position = form.copies.index(name) if name in form.copies else place
        is_complete = name == VIEWING_COPY or name.startswith("第")
        labels.append(name if is_complete else f"第{_ORDINALS[position]}联 {name}")
    return labels
