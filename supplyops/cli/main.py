"""The command line: one group; the module of a command is imported when the command is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, MutableMapping

import click

from supplyops import __version__
from supplyops.cli.app import Group

Table = Mapping[str, Mapping[str, tuple[str, str]]]

TABLE: Table = {
    "安装与运行": {
        "demo": ("demo", "载入示例城市,演一遍灾后调度:报灾、测算、申请、优化、批准、打印、装运、签收、核账。"),
        "init": ("system", "建立数据库、签名密钥和三个管理员账号(一次性密码只显示这一次)。"),
        "upgrade": ("system", "把数据库升级到本程序需要的版本。"),
        "doctor": ("doctor", "逐项检查运行条件。退出码:0 齐全,1 有缺少。"),
        "serve": ("serve", "启动网站(默认同时启动一个后台任务进程)。"),
        "worker": ("serve", "启动后台任务进程。"),
        "job": ("jobs", "后台任务:求解、打印等。"),
        "user": ("people", "用户账号、角色、接口令牌。"),
        "openapi": ("openapi", "输出接口说明(OpenAPI 3.1,JSON);不需要数据库。"),
    },
    "数据与账簿": {
        "import": ("exchange", "导入 CSV 或 XLSX 文件:全部合格才写入,有一处问题就一行也不写。"),
        "export": ("exchange", "导出一种数据;格式看后缀(.csv 或 .xlsx),FILE 为 - 时输出 CSV。"),
        "verify": ("books", "核对账簿。退出码:0 无误,1 有违反,2 无法核对。"),
        "anchor": (
            "books",
            "给账簿打签名锚:各链此刻的末环,用数据库外的密钥签名;FILE 为另存处,请放到别的机器上。",
        ),
        "backup": ("copies", "备份数据库到 FILE(不停机、前后一致、先核对账簿);已有的文件不会覆盖。"),
        "restore": ("copies", "从备份 FILE 恢复,先只读;核对后用 --confirm 启用。"),
        "export-ledger": ("books", "逐行输出 JSON:库存流水、预留、调拨单、操作日志,按顺序。"),
        "journal": ("journal", "操作日志:谁、何时、做了什么。"),
    },
    "突发事件": {
        "incident": ("incidents", "突发事件:开立、灾情报告、应急响应、需求测算。"),
        "request": ("requests", "需求申请单:起草、修改、提交、审核。"),
        "letter": ("requests", "协调函:致指挥体系以外的单位。"),
        "plan": ("plans", "分配方案:plan INCIDENT 编制并等待结果;其余为子命令。"),
    },
    "调度": {
        "instruction": ("instructions", "动用指令:物权单位批准动用。"),
        "order": ("orders", "动用指令与调拨单:接令、装车、签收、取消、改派、退回。"),
        "shipment": ("shipments", "运输任务:一辆车的一趟。"),
        "call-off": ("contracts", "合同启用:通知供方供货,直到收货结清。"),
        "task": ("tasks", "救援任务:登记、修改、完成、撤销;各任务派了哪些队伍、还缺什么。"),
        "deployment": ("deployments", "队伍派遣:为救援任务求解派遣建议,按建议下达调动命令。"),
        "mission": ("teams", "队伍调动:下令、报告进展、补签。"),
        "paper": ("papers", "单据:列出、查看、打印成 PDF。"),
    },
    "库存": {
        "stock": ("stock", "库存:按层级、物资、批次查看。"),
        "reserve": ("reserves", "储备:充足性、保障时长、年度采购计划。"),
        "search": ("asking", "搜索物资、批次、资产、场所、库位、单据、队伍、人员:名称、编码、单号、拼音或首字母。"),
        "lot": ("stock", "批次:来历、存放、流水、预留。"),
        "late": ("documents", "补录申请:发生时间过早的记账须先批准。"),
        "reservation": ("reservations", "占用:谁占用什么、到何时、为哪个单据;按紧急程度接管。"),
        "rotation": ("rotations", "轮换:到期前的处置建议和轮换单。"),
        "recall": ("recalls", "召回:某厂家某批号的物资停用,列出在库、在途、已发出的去向。"),
        "notice": ("notices", "提醒:占用被接管、批次停用等,确认后不再显示。"),
        "kit": ("kits", "成套物资:组成、组装、拆解。"),
        "document": ("documents", "库存单据:入库、出库、移库,以及冲销。"),
        "arrival": ("arrivals", "到货:通知、卸货前验货、分批入库、办结。"),
        "warehouse": ("warehouse", "货位:库容、上架、扫码、标签和货位卡。"),
        "acceptance": ("acceptances", "验收:入库单的质检、库管两人签字,验收结果的报告和期限。"),
        "store": ("upkeep", "储备库每天的清单。"),
        "upkeep": ("upkeep", "巡检养护:到期、登记、隐患整改、各库间隔。"),
        "duty": ("upkeep", "值班交接:交班、接班,双方签字。"),
        "count": ("counts", "盘点:到期提示、开始、填报、复盘、差异审批。"),
        "transfer": ("transfers", "调剂调拨:仓库、储备点之间的下拨、调剂、上级调用、代储、移储、划转、归还。"),
        "recovery": ("recoveries", "回收:应收回和逾期的物资、回收登记、修复、回收期限。"),
        "scrap": ("scraps", "报废:申请、鉴定、四方审批、公示、处置。"),
        "obligation": ("obligations", "归还义务:调剂、上级调用后欠谁、欠什么、何时结清。"),
        "asset": ("assets", "资产:逐件编号的装备,登记、领用、归还、保养、检定。"),
    },
    "名录": {
        "item": ("catalogue", "物资目录。"),
        "pack": ("catalogue", "包装:物资本身的包装之上的各级,例如 箱、托。"),
        "substitute": ("catalogue", "可替代物资。"),
        "need-class": ("catalogue", "需求类别:优先满足的顺序。"),
        "norm": ("norms", "需求标准、储备标准、响应启动条件。"),
        "parameter": ("norms", "参数:规则用到的数值及其来源。"),
        "organisation": ("places", "单位:政府、部门、乡场街道、村社区、兵团、企业。"),
        "area": ("places", "行政区划。"),
        "site": ("places", "场所:储备库、储备点、接收安置点、供应商库、队伍驻地、车场。"),
        "location": ("places", "库位:场所里能放物资的位置。"),
        "road": ("roads", "道路:现况与路况报告。"),
        "network": ("networks", "路网:导入地图文件、按区域报告路况、行车时间。"),
        "vehicle": ("vehicles", "车辆与车型。"),
        "team": ("teams", "救援队伍。"),
        "contract": ("contracts", "预签合同:保证数量、余量、时限。"),
    },
}
"""Subject -> command -> (module, its one line of help, kept here so that `--help` imports nothing; a test compares them)."""


class Commands(MutableMapping[str, click.Command]):
    """Commands by name, each imported with its module when it is first taken out."""

    def __init__(self, table: Table) -> None:
        self._modules = {name: module for group in table.values() for name, (module, _) in group.items()}
        self._made: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._made:
            module = importlib.import_module(f"supplyops.cli.{self._modules[name]}")
            module.register(main)
        return self._made[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._modules.setdefault(name, "")
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._modules[name]
        self._made.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


class Front(Group):
    """The list of all commands, by subject."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each subject with its commands, in the order in which a newcomer needs them."""
        widest = max(len(name) for group in TABLE.values() for name in group)
        for subject, group in TABLE.items():
            with formatter.section(subject):
                formatter.write_dl([(name.ljust(widest), text) for name, (_, text) in group.items()])


@click.group(
    cls=Front,
    commands=Commands(TABLE),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="supplyops")
def main() -> None:
    """应急物资综合信息管理系统:储备、队伍、合同、调度、单据。

    \b
    各命令的用法:supplyops COMMAND --help
    先看一遍演示:supplyops demo;自己建立:supplyops init
    """
