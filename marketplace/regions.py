"""Regions: the 13 of the province with their GB/T 2260 codes, other provinces, and abroad.

Source: GB/T 2260 (codes of administrative divisions) for 23xxxx; the first two digits name a province.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

CITIES = {
    "230100": _l("Harbin"),
    "230200": _l("Qiqihar"),
    "230300": _l("Jixi"),
    "230400": _l("Hegang"),
    "230500": _l("Shuangyashan"),
    "230600": _l("Daqing"),
    "230700": _l("Yichun"),
    "230800": _l("Jiamusi"),
    "230900": _l("Qitaihe"),
    "231000": _l("Mudanjiang"),
    "231100": _l("Heihe"),
    "231200": _l("Suihua"),
    "232700": _l("Da Hinggan Ling"),
}

ELSEWHERE = {
    "110000": _l("Beijing"),
    "120000": _l("Tianjin"),
    "130000": _l("Hebei"),
    "140000": _l("Shanxi"),
    "150000": _l("Inner Mongolia"),
    "210000": _l("Liaoning"),
    "220000": _l("Jilin"),
    "310000": _l("Shanghai"),
    "320000": _l("Jiangsu"),
    "330000": _l("Zhejiang"),
    "340000": _l("Anhui"),
    "350000": _l("Fujian"),
    "360000": _l("Jiangxi"),
    "370000": _l("Shandong"),
    "410000": _l("Henan"),
    "420000": _l("Hubei"),
    "430000": _l("Hunan"),
    "440000": _l("Guangdong"),
    "450000": _l("Guangxi"),
    "460000": _l("Hainan"),
    "500000": _l("Chongqing"),
    "510000": _l("Sichuan"),
    "520000": _l("Guizhou"),
    "530000": _l("Yunnan"),
    "540000": _l("Tibet"),
    "610000": _l("Shaanxi"),
    "620000": _l("Gansu"),
    "630000": _l("Qinghai"),
    "640000": _l("Ningxia"),
    "650000": _l("Xinjiang"),
    "710000": _l("Taiwan"),
    "810000": _l("Hong Kong"),
    "820000": _l("Macao"),
    "990000": _l("Abroad"),
}

REGIONS = CITIES | ELSEWHERE


def in_province(code: str) -> bool:
    """True for the thirteen regions of Heilongjiang."""
    return code in CITIES


def region_label(code: str) -> object:
    """The region's name, or the code itself for one we do not know."""
    return REGIONS.get(code, code)
