"""The vocabulary that sample records are made of: topics of results, names of people, numbers with check characters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from stdnum.cn import uscc

from accounts.roles import OrganisationKind
from listings.ip_rules import check_character

DATA = Path(__file__).resolve().parent / "data"
SEED = 20220101

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
_GIVEN = [
    "建国",
    "立新",
    "志强",
    "海燕",
    "晓东",
    "文静",
    "雪梅",
    "振华",
    "春生",
    "丽娜",
    "俊杰",
    "明哲",
    "思远",
    "佳宁",
    "宇航",
    "晨曦",
    "国庆",
    "秀兰",
    "永刚",
    "慧敏",
    "子涵",
    "浩然",
    "雨桐",
    "嘉怡",
    "伟东",
    "松涛",
    "长青",
    "红梅",
    "立恒",
    "清和",
    "金成",
    "素云",
    "海峰",
    "一鸣",
    "若川",
    "北辰",
    "冬雪",
    "泽宇",
    "耀辉",
    "亚楠",
    "博文",
    "启航",
]
#: The first two characters of a code: public institutions, companies, government (GB 32100-2015).
_CODE_PREFIX = {
    OrganisationKind.UNIVERSITY: "12",
    OrganisationKind.INSTITUTE: "12",
    OrganisationKind.GOVERNMENT: "11",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """What a result can be about, from the problem to its class."""

    field: str
    subject: str
    problem: str
    today: str
    #: Rows as a result keeps them: metric, ours, conventional, unit.
    advantages: tuple[dict[str, str], ...]
    applications: str
    keywords: tuple[str, ...]
    ipc: str


def rows(name: str) -> list[list[str]]:
    """The rows of one of our files, comments left out."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@cache
def topics() -> tuple[Topic, ...]:
    """All topics in the order of the file."""
    return tuple(_topic(row) for row in rows("topics.tsv"))


def _topic(row: list[str]) -> Topic:
    field, subject, problem, today, metrics, applications, keywords, ipc = row
    advantages = tuple(
        dict(zip(("metric", "ours", "conventional", "unit"), one.split("|"), strict=True)) for one in metrics.split(";")
    )
    return Topic(field, subject, problem, today, advantages, applications, tuple(keywords.split(";")), ipc)


@cache
def topics_of(field: str) -> tuple[Topic, ...]:
    """The topics of one industry field."""
    return tuple(topic for topic in topics() if topic.field == field)


def person(random: Random) -> str:
    """An invented name."""
    return random.choice(_SURNAMES) + random.choice(_GIVEN)


def code(kind: OrganisationKind, region: str, serial: int) -> str:
    """A 统一社会信用代码 of this kind and region whose check character fits."""
    prefix = _CODE_PREFIX.get(kind, "91")
    body = f"{prefix}{'100000' if region == '990000' else region}{f'MA{serial:07d}'}"
    return body + str(uscc.calc_check_digit(body))


def patent(random: Random, year: int, *, granted: bool = True, kind: str = "1") -> str:
    """A patent's number, or an application's, whose check character fits."""
    twelve = f"{year}{kind}{random.randrange(10_000, 1_800_000):07d}"
    return f"{'ZL' if granted else ''}{twelve}.{check_character(twelve)}"
