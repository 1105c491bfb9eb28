"""The register of communities: brought in, found, refused."""

from pathlib import Path

import pytest

from rongjiu.errors import Refused
from rongjiu.tenancy import divisions

pytestmark = pytest.mark.usefixtures("inside")
NATIONAL = """code,name,streetCode,provinceCode,cityCode,areaCode
"110101001001","多福巷社区居委会","110101001","11","1101","110101"
"110101001002","银闸社区居委会","110101001","11","1101","110101"
"""


def test_the_shipped_file_holds_the_district() -> None:
    divisions.import_shipped()
    assert divisions.number() == 105
    divisions.import_shipped()
    assert divisions.number() == 105


@pytest.mark.parametrize("words", ["端履门", "端履门社区", "duanlumen", "duanlvmen", "dlm", "DLM", "610103002002"])
def test_a_community_is_found_by_what_people_type(words: str) -> None:
    divisions.import_shipped()
    found = divisions.search(words)
    assert [row.code for row in found] == ["610103002002"]
    assert (found[0].name, found[0].street_name) == ("端履门社区", "柏树林街道")


def test_a_street_code_finds_its_communities() -> None:
    divisions.import_shipped()
    assert len(divisions.search("610103002")) == 12
    assert divisions.search("%") == divisions.search("   ") == []


@pytest.mark.parametrize("code", ["610103002999", "610103002", "12", "abc", "990103002002", "610103002000"])
def test_an_unknown_code_is_refused_at_its_field(code: str) -> None:
    divisions.import_shipped()
    with pytest.raises(Refused) as refused:
        divisions.of_code(code)
    assert refused.value.field == "code"


def test_the_national_file_comes_in_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "villages.csv"
    file.write_text(NATIONAL, encoding="utf-8")
    report = divisions.import_file(file, streets={"110101001": "东华门街道"})
    assert (report.read, report.written, report.faults) == (2, 2, [])
    row = divisions.of_code("110101001001")
    assert (row.name, row.source_name, row.street_name) == ("多福巷社区", "多福巷社区居委会", "东华门街道")


def test_faults_carry_row_numbers_and_nothing_is_written(tmp_path: Path) -> None:
    file = tmp_path / "faulty.csv"
    file.write_text(NATIONAL + "123，短码,,,,\n110101001001，重复,,,,\n110101001003,,,,,\n", encoding="utf-8")
    report = divisions.import_file(file)
    assert [number for number, _words in report.faults] == [4, 5, 6]
    assert (report.read, divisions.number()) == (5, 0)
    report = divisions.import_file(file, skip_faults=True)
    assert (report.written, divisions.number()) == (2, 2)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "villages.csv"
    file.write_text(NATIONAL, encoding="utf-8")
    assert divisions.import_file(file, dry_run=True).written == 2
    assert divisions.number() == 0


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(Refused):
        divisions.import_file(file)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("大车家巷社区居委会", "大车家巷社区"),
        ("某某村村民委员会", "某某村"),
        ("国庆居委会", "国庆社区"),
        ("端履门", "端履门"),
    ],
)
def test_names_lose_their_office(source: str, name: str) -> None:
    assert divisions.clean_name(source) == name
