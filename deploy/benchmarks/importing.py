"""Import of 5,014 households / 11,067 residents from .xlsx, against the least that such an import can be and against
django-import-export, on the same workbook with the same encryption."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from flask import Flask
from flask_migrate import upgrade

from benchmarks import rival
from blueprints.app import create_app
from blueprints.commands import migrations
from rongjiu import crypto, workbook
from rongjiu.actor import SYSTEM
from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.embedded import Embedded
from rongjiu.library import queries as library
from rongjiu.library.service import publish_base
from tenants.founding import cloning
from tenants.imports import lines, queries, service, work
from tenants.residents.models import Courtyard
from tests import registers

ROUNDS = 5
_TABLES = """
    CREATE TABLE bench_household (tenant_id int, id uuid, courtyard text, building text, unit text, room text, PRIMARY KEY (tenant_id, id));
    CREATE TABLE bench_person (tenant_id int, id uuid, household_id uuid, name text, relation text, gender text, birth_date date, phone bytea,
      phone_index bytea, id_number bytea, id_index bytea, condition bytea, groups jsonb, PRIMARY KEY (tenant_id, id));
"""
Row = tuple[str, str, str]


def measure(work_folder: Path) -> list[Row]:
    """Floor and ours in turn, several rounds in one run; then memory of a process that imports, then the rival."""
    book = work_folder / "register.xlsx"
    book.write_bytes(registers.workbook(registers.rows()))
    server = Embedded(work_folder / "import-data")
    server.up()
    try:
        rows = _rounds(server, book)
        rows += _memory(server, work_folder / "import-data", book)
        rows += rival.measure(work_folder, server, book, ours=float(rows[1][1].split()[0]))
    finally:
        server.down()
    return rows


def _rounds(server: Embedded, book: Path) -> list[Row]:
    app, tenant = community(server)
    content = book.read_bytes()
    address = server.url("postgres").replace("+psycopg", "")
    floors, ours, checks = list[float](), list[float](), list[float]()
    with psycopg.connect(address, autocommit=True) as owner, app.app_context():
        owner.execute(_TABLES)
        for n in range(ROUNDS + 1):
            owner.execute("TRUNCATE bench_household, bench_person")
            one = _timed(lambda: floor(owner, tenant, content))
            check, apply = whole(tenant, content, "register.xlsx")
            _empty(owner)
            if n:  # the first round warms both
                floors.append(one), ours.append(apply), checks.append(check)
        db.session.remove()
        db.engine.dispose()
    ratio = statistics.median(b / a for a, b in zip(floors, ours, strict=True))
    return [
        ("import: calamine + validation + encryption + COPY, no more", f"{statistics.median(floors):.2f} s", "floor"),
        ("import of 11,067 residents, confirmed rows written", f"{statistics.median(ours):.2f} s", "≤ 2.5 × floor"),
        ("import / floor", f"{ratio:.2f}", "≤ 2.5"),
        ("dry run of the same file before it", f"{statistics.median(checks):.2f} s", "—"),
    ]


def community(server: Embedded) -> tuple[Flask, Tenant]:
    """An app on the server's database with one modelled community and its courtyards."""
    app = create_app(server.settings(), RATELIMIT_ENABLED=False)
    migrations(app)
    with app.app_context():
        upgrade()
        pack = publish_base()
        found = db.session.execute(
            db.text(
                "INSERT INTO community (id, slug, name, state, mark, title, cloned_from, host, phone, address, desk_hours, icp, "
                "police_record, privacy_note, proof, demo, created_at) VALUES (:id, :slug, '社区', 'live', 'BM', '', '', '', '', '', '', '', "
                "'', '', '{}', false, now()) RETURNING tenant_id, id"
            ),
            {"id": uuid4(), "slug": f"bench-{uuid4().hex[:8]}"},
        ).one()
        tenant = Tenant(found.tenant_id, found.id)
        cloning.clone(library.find(f"{pack.slug}@{pack.version}"), tenant)
        with tenant_scope(tenant):
            for n, name in enumerate(registers.YARDS):
                db.session.add(Courtyard(id=uuid4(), slug=f"y{n}", seq=n, name=name))
        db.session.commit()
        db.session.remove()
    return app, tenant


def whole(tenant: Tenant, content: bytes, name: str) -> tuple[float, float]:
    """Upload, dry run and confirmation as a worker does them; seconds of the dry run and of the writing."""
    with tenant_scope(tenant):
        batch = service.upload(content, name)
        db.session.commit()
        work.read(batch, SYSTEM)
        service.choose(batch, queries.batch(batch).mapping, {})
        db.session.commit()
        check = _timed(lambda: (work.check(batch, SYSTEM), db.session.commit()))
        service.confirm(batch)
        db.session.commit()
        apply = _timed(lambda: (work.apply(batch, SYSTEM), db.session.commit()))
        row = queries.batch(batch)
        assert (row.state, row.counts["persons"], row.counts["households"]) == ("done", 11067, 5014), row
    db.session.remove()
    return check, apply


def _empty(owner: "psycopg.Connection[Any]") -> None:
    owner.execute("TRUNCATE person, household, import_batch, import_issue, register_change CASCADE")


def floor(owner: "psycopg.Connection[Any]", tenant: Tenant, content: bytes) -> None:
    """The least an import can be: read, validate, encrypt and hash alike, plain COPY into two keyed tables."""
    (sheet,) = workbook.sheets(content, "xlsx")
    mapping = ["", "courtyard", "building", "unit", "room", "name", "relation", "gender", "birth_date", "id_number", "phone",
               "groups", "condition", ""]  # fmt: skip
    homes: dict[tuple[str, ...], UUID] = {}
    people = []
    for line in lines.Reader(mapping, 1, {}, today()).lines(sheet.rows):
        assert not line.faults
        home = homes.setdefault((line.courtyard, line.building, line.unit, line.room), uuid4())
        people.append(
            (
                tenant.id,
                uuid4(),
                home,
                line.name,
                line.relation,
                line.gender,
                line.born,
                *sealed(line, tenant.uid),
                "[]",
            )
        )
    with owner.transaction(), owner.cursor() as cursor:
        with cursor.copy("COPY bench_household FROM STDIN") as copy:
            for door, home in homes.items():
                copy.write_row((tenant.id, home, *door))
        with cursor.copy("COPY bench_person FROM STDIN") as copy:
            for person in people:
                copy.write_row(person)


def sealed(line: lines.Line, uid: UUID) -> tuple[bytes | None, ...]:
    """The protected fields of a line as the register keeps them."""
    return (
        crypto.seal(line.phone.encode(), uid, "person|phone") if line.phone else None,
        crypto.blind(line.phone, uid, "phone") if line.phone else None,
        crypto.seal(line.id_number.encode(), uid, "person|id_number") if line.id_number else None,
        crypto.blind(line.id_number, uid, "id_number") if line.id_number else None,
        crypto.seal(line.condition.encode(), uid, "person|condition") if line.condition else None,
    )


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _memory(server: Embedded, data: Path, book: Path) -> list[Row]:
    """The highest memory of one process that only imports, and what it holds before the first file."""
    app, tenant = community(server)
    with app.app_context():
        db.engine.dispose()
    command = [sys.executable, "-m", "benchmarks.importing", str(data), str(book), str(tenant.id), str(tenant.uid)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    before, highest = done.stdout.split()[-2:]
    return [("memory of a process that imports it, highest", f"{highest} MiB ({before} before)", "≤ 250 MiB")]


def _highest() -> int:
    """MiB this process has held at most; not ru_maxrss, which a child takes over from whoever started it."""
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("VmHWM:") + 1]) // 1024


def _alone(data: Path, book: Path, tenant: Tenant) -> None:
    app = create_app(Embedded(data).settings(), RATELIMIT_ENABLED=False)
    with app.app_context():
        before = _highest()
        whole(tenant, book.read_bytes(), "register.xlsx")
        db.session.remove()
        db.engine.dispose()
    print(before, _highest())


if __name__ == "__main__":
    _alone(Path(sys.argv[1]), Path(sys.argv[2]), Tenant(int(sys.argv[3]), UUID(sys.argv[4])))
