"""Registers as communities keep them in Excel: 5,014 households with 11,067 residents in 14 courtyards, and odd ones."""

import random
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

YARDS = (
    "雁北新村", "雁鸣小区", "雁塔家园", "端履门小区", "和平里", "东木头市院", "柏树林院", "开通巷院", "建国路小区", "友谊里",
    "仁义村", "兴庆坊", "文艺小区", "书院门院",
)  # fmt: skip
HEAD = (
    "序号", "院落", "楼号", "单元", "房号", "姓名", "与户主关系", "性别", "出生日期", "身份证号", "联系电话", "人群类别", "健康状况",
    "政治面貌",
)  # fmt: skip
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂玉萍红建国华志文斌淑珍凤梅𠅤㛃䶮"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(born: date, seq: int, division: str = "610103") -> str:
    """An identity number whose check digit is right; nobody's."""
    first = f"{division}{born:%Y%m%d}{seq % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True))
    return first + "10X98765432"[total % 11]


def rows(households: int = 5014, residents: int = 11067, seed: int = 7) -> list[tuple[Any, ...]]:
    """Rows below HEAD, the same for the same seed."""
    chance, found, used = random.Random(seed), list[tuple[Any, ...]](), set[str]()
    sizes = [1] * households
    for _ in range(residents - households):
        sizes[chance.randrange(households)] += 1
    for n, size in enumerate(sizes):
        yard, at = YARDS[n % 14], n // 14
        door = (yard, str(1 + at // 72), str(1 + at % 72 // 18), f"{1 + at % 18 // 3}0{1 + at % 3}")
        family = chance.choice(_SURNAMES)
        for who in range(size):
            born = date(1930 + chance.randrange(85), 1 + chance.randrange(12), 1 + chance.randrange(28))
            number, seq = "", chance.randrange(1000)
            while not number or number in used:
                number, seq = id_number(born, seq), seq + 1
            used.add(number)
            name = (family if who != 1 else chance.choice(_SURNAMES)) + "".join(chance.choices(_GIVEN, k=2))
            if any(row[1:6] == (*door, name) for row in found[-who:] if who):
                name += "二"
            male = int(number[16]) % 2 == 1
            relation = "户主" if who == 0 else "配偶" if who == 1 else ("儿子" if male else "女儿")
            phone = f"1{chance.choice('3578')}{chance.randrange(10**9):09d}" if who < 2 else ""
            found.append(
                (len(found) + 1, *door, name, relation, "男" if male else "女", f"{born:%Y-%m-%d}", number, phone,
                 "", "高血压" if chance.random() < 0.08 else "", "群众")
            )  # fmt: skip
    return found


def workbook(lines: Sequence[Sequence[Any]], head: Sequence[Any] = HEAD, above: Sequence[Sequence[Any]] = ()) -> bytes:
    """An .xlsx with these rows under a header, and rows above it."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("居民台账")
        for n, row in enumerate([*above, head, *lines]):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(n, column, value, book.add_format({"num_format": "yyyy-mm-dd"}))
                elif value not in (None, ""):
                    sheet.write(n, column, value)
    return file.getvalue()
