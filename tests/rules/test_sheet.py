"""A workbook that Excel reads: parts, escaping, nothing a formula."""

from io import BytesIO
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

from rongjiu.sheet import workbook

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def test_cells_are_text_as_written() -> None:
    rows: list[list[object]] = [["编号", "为什么"], ["HY-1", "=1+1 <&>"], [None, 3]]
    packed = ZipFile(BytesIO(workbook("个案:2022/08", rows)))
    assert packed.testzip() is None
    assert {"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(
        packed.namelist()
    )
    shared = [item.findtext(f".//{NS}t") for item in fromstring(packed.read("xl/sharedStrings.xml"))]  # noqa: S314  written just now
    sheet = fromstring(packed.read("xl/worksheets/sheet1.xml"))  # noqa: S314  written just now
    assert not list(sheet.iter(f"{NS}f"))
    texts = [[shared[int(cell.findtext(f"{NS}v") or 0)] for cell in row] for row in sheet.iter(f"{NS}row")]
    assert texts == [["编号", "为什么"], ["HY-1", "=1+1 <&>"], ["", "3"]]
    assert "个案 2022 08" in packed.read("xl/workbook.xml").decode()
