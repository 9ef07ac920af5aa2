"""Lists that come as files but are a part of one document: the places of a report, the lines of a request."""

from __future__ import annotations

from supplyops.exchange.columns import column, layout
from supplyops.incidents.rules import AreaFigures
from supplyops.requests.rules import RequestLineInput

REPORT_AREAS = layout(
    "report-areas",
    "灾情分地区数字",
    AreaFigures,
    (
        column("区划代码", "area_code", "654004200"),
        column("接收点代码", "delivery_site_code", "village-store", "物资送到哪里"),
        column("受灾人数", "affected", "1200", "没有统计的留空,统计为零的填 0"),
        column("死亡人数", "dead", "0"),
        column("失踪人数", "missing", "0"),
        column("受伤人数", "injured", "3"),
        column("紧急转移安置人数", "moved", "420"),
        column("避险转移人数", "evacuated", "0"),
        column("需紧急生活救助人数", "urgent_aid", "180"),
        column("集中安置人数", "sheltered", "300"),
        column("户数", "households", "130"),
        column("婴幼儿人数", "infants", ""),
        column("老人人数", "elderly", ""),
        column("育龄妇女人数", "women", ""),
        column("残疾人人数", "disabled", ""),
        column("牲畜头数", "livestock", ""),
        column("倒塌房屋间数", "rooms_collapsed", "12"),
        column("严重损坏房屋间数", "rooms_badly_damaged", "40"),
        column("一般损坏房屋间数", "rooms_damaged", "90"),
        column("备注", "note", ""),
    ),
    key=("area_code",),
)

REQUEST_LINES = layout(
    "request-lines",
    "需求明细",
    RequestLineInput,
    (
        column("物资编码", "sku", "A01002"),
        column("数量", "quantity", "120", "按物资的计量单位"),
        column("最迟到达时间", "latest_arrival_at", "2026-01-13 08:00"),
        column("保障人数", "persons", "600"),
        column("测算需求", "computed_need", "", "按标准测算的数量"),
        column("类别优先级", "class_rank", "", "不填时按物资类别和紧急程度"),
        column("严重程度", "severity", "1", "1 至 10"),
        column("特需人群比例", "protected_permille", "20%", "婴幼儿、老人、残疾人所占比例"),
        column("最低满足数量", "minimum_fill", ""),
        column("可用替代物资", "allows_substitutes", "是"),
        column("备注", "note", ""),
    ),
    key=("sku",),
)
