"""Pinyin keys, initials with surnames read as surnames, and bigrams."""

import pytest

from rongjiu.pinyin import SURNAMES, bigrams, initials, key, spellings


def test_full_pinyin_and_initials() -> None:
    assert (key("黄雁社区"), initials("黄雁社区")) == ("huangyanshequ", "hysq")
    assert spellings("端履门") == ("duanlvmen", "duanlumen", "dlm")
    assert (key("第3网格 A座"), initials("第3网格 A座")) == ("di3wanggeaz" + "uo", "d3wgaz")
    assert (key(""), initials("·,")) == ("", "")


@pytest.mark.parametrize(
    ("name", "full", "short"),
    [
        ("单雄信", "shanxiongxin", "sxx"),
        ("仇英", "qiuying", "qy"),
        ("区小红", "ouxiaohong", "oxh"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("单于明", "chanyuming", "cym"),
        ("曾国藩", "zengguofan", "zgf"),
        ("周大山", "zhoudashan", "zds"),
        ("单", "shan", "s"),
    ],
)
def test_surnames_are_read_as_surnames_when_it_is_a_person(name: str, full: str, short: str) -> None:
    assert (key(name, person=True), initials(name, person=True)) == (full, short)


def test_a_place_is_read_in_the_common_way() -> None:
    assert key("单位") == "danwei"
    assert all(len(reading) == len(name) for name, reading in SURNAMES.items())


def test_bigrams() -> None:
    assert bigrams("上门理发") == ("上门", "门理", "理发")
    assert bigrams("理发、理发 A1") == ("理发", "a1")
    assert bigrams("药") == ("药",)
    assert bigrams(" ,") == ()
