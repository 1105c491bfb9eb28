"""Papers: asked for, worked on, kept once, cleared after a week; how they look is tests/stories/test_paper.py."""

from uuid import UUID

import pytest
from sqlalchemy import select, text

from rongjiu import files, outbox
from rongjiu.actor import Actor, acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.printing import jobs, pdf, service
from rongjiu.printing.models import Paper
from tests import factories

PAGE = '<!doctype html><html lang="zh-Hans"><title>转介单</title><p>阿依古丽·𠮷田</p></html>'


@pytest.fixture
def asker(inside: None) -> Actor:
    return Actor(UUID(int=7), "assistance_clerk", "救助专干")


def perform(here: factories.Tenant, kind: str) -> bool:
    with tenant_scope(here):
        query = text("SELECT id FROM outbox WHERE kind = :kind AND done_at IS NULL")
        (row,) = db.session.scalars(query, {"kind": kind}).all()
    db.session.commit()
    return outbox.perform(here.id, str(here.uid), str(row))


def test_a_paper_waits_is_worked_on_and_is_kept_once(asker: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ())
    made: list[str] = []
    monkeypatch.setattr(pdf, "of", lambda page: made.append(page) or b"%PDF-1.7 made")
    here = factories.tenant(factories.a_community())
    with tenant_scope(here), acting(asker):
        paper = service.ask("slip", "CS-2026-000001", PAGE)
        assert service.one(paper, asked_by=UUID(int=7)).state == "waiting"
    assert perform(here, "printing.begin")
    with tenant_scope(here):
        assert service.one(paper, asked_by=UUID(int=7)).state == "working"
    assert perform(here, "printing.make")
    with tenant_scope(here):
        done = service.one(paper, asked_by=UUID(int=7))
        assert done.state == "done"
        assert done.file_id
        assert files.load(done.file_id) == ("slip-CS-2026-000001.pdf", "application/pdf", b"%PDF-1.7 made")
        html = db.session.scalars(select(Paper.html_id)).one()
        with pytest.raises(Absent):
            files.load(html)
        jobs.make({"paper": str(paper)})
        with pytest.raises(Absent):
            service.one(paper, asked_by=UUID(int=8))
    assert made == [PAGE]


def test_what_cannot_be_printed_says_so_and_is_not_tried_for_ever(
    asker: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ())

    def broken(_page: str) -> bytes:
        raise pdf.CannotPrint("slow")

    monkeypatch.setattr(pdf, "of", broken)
    here = factories.tenant(factories.a_community())
    with tenant_scope(here), acting(asker):
        paper = service.ask("card", "CS-2026-000001", PAGE)
    perform(here, "printing.begin")
    perform(here, "printing.make")
    with tenant_scope(here):
        found = service.one(paper, asked_by=UUID(int=7))
        assert (found.state, found.reason, found.file_id) == ("failed", "slow", None)


def test_without_the_libraries_nothing_is_asked_for(asker: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ("pango-1.0",))
    with pytest.raises(pdf.CannotPrint):
        pdf.of(PAGE)
    here = factories.tenant(factories.a_community())
    with tenant_scope(here), acting(asker):
        with pytest.raises(Refused):
            service.ask("slip", "CS-2026-000001", PAGE)
        assert db.session.scalars(select(Paper)).all() == []


def test_papers_are_cleared_after_a_week(asker: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ())
    here = factories.tenant(factories.a_community())
    with tenant_scope(here), acting(asker):
        service.ask("slip", "CS-2026-000001", PAGE)
        jobs.clear()
        assert len(db.session.scalars(select(Paper)).all()) == 1
        db.session.execute(text("UPDATE paper SET asked_at = asked_at - interval '8 days'"))
        jobs.clear()
        assert db.session.scalars(select(Paper)).all() == []
