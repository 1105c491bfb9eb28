"""A licence read from its lines; only a code that passes GB 32100 counts."""

import pytest

from rongjiu.codes import credit_check
from rongjiu.errors import Refused
from rongjiu.marketplace import reading

FIRST = "91610103MA6TEXT12"
CODE = FIRST + credit_check(FIRST)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.mark.parametrize(
    "lines",
    [
        ["营业执照", f"统一社会信用代码 {CODE}", "名称 雁发理发店", "类型 个体工商户"],
        ["营业执照", CODE.lower(), "名 称:雁发理发店"],
        ["统一社会信用代码", f"{CODE[:9]} {CODE[9:]}", "名称", "雁发理发店"],
    ],
)
def test_name_and_code(lines: list[str]) -> None:
    assert reading.parse(lines) == reading.Found("雁发理发店", CODE)


def test_a_code_with_a_wrong_check_is_not_read() -> None:
    wrong = FIRST + ("A" if CODE[-1] != "A" else "B")
    assert reading.parse([wrong, "名称 雁发理发店"]) == reading.Found("雁发理发店", "")
    assert reading.parse([f"X{CODE}"]) == reading.Found()


def test_the_reader_and_what_it_refuses() -> None:
    reading.choose(lambda _photo: [])
    try:
        assert reading.available()
        for photo, words in ((b"GIF89a", "只收照片"), (PNG, "没有认出来")):
            with pytest.raises(Refused, match=words) as caught:
                reading.read(photo)
            assert caught.value.field == "photo"
        reading.choose(lambda _photo: [f"代码{CODE}", "名称 雁发理发店"])
        assert reading.read(PNG) == reading.Found("雁发理发店", CODE)
    finally:
        reading.choose(None)
