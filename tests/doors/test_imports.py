"""The pages of an import: upload, columns, progress, confirmation, undo; template and exports."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from rongjiu.actor import SYSTEM
from rongjiu.db import db, tenant_scope
from tenants.imports import service, work
from tenants.imports.rules import recognise
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tests import registers
from tests.desk_of import Desk, a_desk

pytestmark = pytest.mark.usefixtures("own_folder")

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
HEAD = ("小区", "楼号", "房号", "姓名", "联系电话", "政治面貌")
ROWS = (("雁北新村", "3", "501", "王建国", "13800001234", "群众"), ("雁北新村", "3", "502", "李秀英", "123", "群众"))


class At:
    """A clerk at the imports of a community; `work` is what a worker would do."""

    def __init__(self, client: FlaskClient, made: Made, desk: Desk) -> None:
        self.client, self.made, self.desk = client, made, desk
        self.base = f"/c/{desk.slug}/desk/imports"

    def upload(self, content: bytes, name: str = "台账.xlsx") -> Any:
        return self.client.post(self.base, data={"file": (BytesIO(content), name)}, content_type="multipart/form-data")

    def work(self, verb: Callable[..., None], batch: str) -> None:
        def do() -> None:
            with tenant_scope(self.desk.tenant):
                verb(UUID(batch), SYSTEM)

        self.made(do)


@pytest.fixture
def at(made: Made, client: FlaskClient, login: Login) -> At:
    desk = made(a_desk)
    login(client, desk.clerk.token)
    return At(client, made, desk)


def test_from_upload_to_undo_through_the_pages(at: At) -> None:
    answer = at.upload(registers.workbook(ROWS, HEAD))
    assert answer.status_code == 303
    page = answer.headers["Location"]
    batch = page.rsplit("/", 1)[-1]
    assert 'hx-trigger="every 1s"' in at.client.get(page).text
    part = at.client.get(page, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="import-part"') and "<html" not in part
    at.work(work.read, batch)
    mapping = at.client.get(page).text
    assert (
        "hx-trigger" not in mapping
        and "认得出是谁" in mapping
        and "王建国" not in mapping
        and "13800001234" not in mapping
    )
    assert '<option value="phone" selected>' in mapping
    wrong = at.client.post(f"{page}/columns", data={"column-0": "name", "column-1": "name"})
    assert (wrong.status_code, "有两列选成了同一项" in wrong.text) == (422, True)
    chosen = {f"column-{n}": code for n, code in enumerate(("courtyard", "building", "room", "name", "phone", ""))}
    assert at.client.post(f"{page}/columns", data=chosen).status_code == 303
    at.work(work.check, batch)
    checked = at.client.get(page).text
    assert "李**" in checked and "李秀英" not in checked and "手机号" in checked and "确认导入" in checked
    assert at.client.post(f"{page}/confirm", data={"changes": "1"}).status_code == 303
    assert at.client.post(f"{page}/confirm", data={"changes": "1"}).status_code == 409
    at.work(work.apply, batch)
    assert "撤销这次导入" in at.client.get(page).text
    assert "王**" in at.client.get(f"/c/{at.desk.slug}/desk/households").text
    assert at.client.post(f"{page}/undo").status_code == 303
    at.work(work.undo, batch)
    assert "已撤销" in at.client.get(page).text
    assert "王**" not in at.client.get(f"/c/{at.desk.slug}/desk/households").text
    assert "台账.xlsx" in at.client.get(at.base).text


def test_a_bad_file_is_refused_at_its_field(at: At) -> None:
    answer = at.upload(b"PK\x03\x04nothing")
    assert answer.status_code == 422 and "坏了" in answer.text
    assert at.client.post(at.base, data={}).status_code == 422


def test_the_same_file_twice_is_one_import(at: At) -> None:
    book = registers.workbook(ROWS, HEAD)
    assert at.upload(book).headers["Location"] == at.upload(book).headers["Location"]


def test_a_discarded_import_stays_in_the_list_without_its_file(at: At, tmp_path: Path) -> None:
    page = at.upload(registers.workbook(ROWS, HEAD)).headers["Location"]
    batch = page.rsplit("/", 1)[-1]
    at.work(work.read, batch)
    assert at.client.post(f"{page}/discard").status_code == 303
    assert "没有导入" in at.client.get(at.base).text
    at.made(lambda: _forgotten(at.desk, batch))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def _forgotten(desk: Desk, batch: str) -> None:
    with tenant_scope(desk.tenant):
        work.forget(UUID(batch))


def test_the_template_is_recognised_by_the_import_and_says_why(at: At) -> None:
    answer = at.client.get(f"{at.base}/template.xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    head, notes = (book.get_sheet_by_name(name).to_python() for name in ("名册", "说明"))
    assert "按院落安排网格员和摸排" in str(notes) and "雁北新村" in str(book.get_sheet_by_name("选项").to_python())
    assert all(recognise(words) for words in head[0]) and len(head[0]) == 12
    assert b"dataValidation" in _part(answer.data, "xl/worksheets/sheet1.xml")


def _part(content: bytes, name: str) -> bytes:
    with ZipFile(BytesIO(content)) as book:
        return book.read(name)


def test_exports_ask_for_a_purpose_are_marked_written_down_and_hold_no_formula(at: At, login: Login) -> None:
    def family() -> None:
        with tenant_scope(at.desk.tenant):
            people = (NewPerson("=cmd|' /C calc'!A0", phone="13800001234"), NewPerson("李秀英"))
            residents.register(at.desk.yard, Door("3", "2", "501"), people)

    at.made(family)
    base = f"/c/{at.desk.slug}/desk"
    asked = at.client.post(
        f"{base}/register/export", data={"purpose": "x"}
    )  # a clerk asks, with a purpose that says something
    assert (asked.status_code, asked.mimetype) == (303, "text/html")
    login(at.client, at.desk.secretary.token)
    assert at.client.post(f"{base}/register/export", data={}).status_code == 303
    answer = at.client.post(f"{base}/register/export?courtyard={at.desk.yard}", data={"purpose": "街道普查"})
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert "街道普查" in rows[0][0] and "共 2 条" in rows[0][0]
    assert [row[4] for row in rows[2:]] == ["=cmd|' /C calc'!A0", "李秀英"] and rows[2][1:4] == ["3", "2", "501"]
    sheet = _part(answer.data, "xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and "13800001234" not in str(rows)
    other = at.client.post(f"{base}/households/export?courtyard={at.desk.other_yard}", data={"purpose": "核对"})
    assert "共 0 条" in str(CalamineWorkbook.from_filelike(BytesIO(other.data)).get_sheet_by_index(0).to_python())
    masked = at.client.post(f"{base}/households/export", data={"purpose": "核对"})
    assert "李秀英" not in str(CalamineWorkbook.from_filelike(BytesIO(masked.data)).get_sheet_by_index(0).to_python())

    def written() -> list[str]:
        with tenant_scope(at.desk.tenant):
            return list(db.session.scalars(text("SELECT reason FROM audit WHERE verb = 'export' ORDER BY seq")))

    assert at.made(written) == ["街道普查", "核对", "核对"]


def test_a_worker_of_the_community_has_no_door_here(at: At, login: Login) -> None:
    login(at.client, at.desk.worker.token)
    assert at.client.get(at.base).status_code == 404
    assert service.KEPT.days == 30
