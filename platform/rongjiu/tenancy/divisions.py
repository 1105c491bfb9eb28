"""The register of communities by statistical division code: brought in from CSV, found by name, pinyin, initials, code."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import codes, pinyin
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.tenancy.models import Division

SHIPPED = Path(__file__).parent / "beilin_divisions.csv"
"""The 105 communities of 碑林区, frozen at 2023-06-30."""
_BATCH = 2000
_OFFICE = re.compile(r"(居民委员会|居委会|村民委员会|村委会)$")
_LIMIT = 20


@dataclass
class Report:
    """What an import found: rows read, rows written, faults as (row number in the file, words)."""

    read: int = 0
    written: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)


def clean_name(source: str) -> str:
    """大车家巷社区居委会 → 大车家巷社区; 某某村委会 → 某某村; 国庆居委会 → 国庆社区."""
    text = re.sub(r"\s+", "", source)
    found = _OFFICE.search(text)
    stem = _OFFICE.sub("", text)
    if found is None or stem.endswith(("社区", "村")):
        return stem
    return stem + ("村" if found[1].startswith("村") else "社区")


def place_key(name: str, street: str) -> str:
    """What makes two places without a code the same: the cleaned name with its street."""
    return f"{clean_name(codes.plain(name))}|{codes.plain(street)}"


def import_file(
    path: Path, *, streets: Mapping[str, str] | None = None, dry_run: bool = False, skip_faults: bool = False
) -> Report:
    """Bring in a CSV with the columns code and name, also `villages.csv` of the national division data.

    `streets`: nine-digit code → name, where the file has none. With faults nothing is written, unless `skip_faults`.
    Rows known already are brought up to date. Raises Refused when the columns are missing.
    """
    report = Report()
    faults: list[tuple[int, str]] = []
    if not (dry_run or skip_faults):
        for _row in _rows(path, streets or {}, faults, spell=False):
            pass
        if faults:
            report.read, report.faults = _length(path), faults
            return report
        faults = []
    rows = _rows(path, streets or {}, faults, spell=not dry_run)
    while batch := list(islice(rows, _BATCH)):
        report.written += len(batch)
        if not dry_run:
            write = insert(Division)
            words = {name: write.excluded[name] for name in batch[0] if name != "code"}
            db.session.execute(write.on_conflict_do_update(index_elements=["code"], set_=words), batch)
    report.read, report.faults = report.written + len(faults), faults
    return report


def import_shipped() -> None:
    """Bring in the shipped file where the register is still empty."""
    if db.session.scalar(select(Division.code).limit(1)) is None:
        import_file(SHIPPED)


def read_streets(path: Path) -> dict[str, str]:
    """Nine-digit street code → name, from a CSV with the columns code and name."""
    return {codes.plain(row["code"])[:9]: row["name"].strip() for row in _lines(path)}


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"code", "name"} <= set(reader.fieldnames or ()):
            raise Refused("文件第一行要有 code 和 name 两列。", field="file")
        yield from reader


def _length(path: Path) -> int:
    return sum(1 for _ in _lines(path))


def _rows(
    path: Path, streets: Mapping[str, str], faults: list[tuple[int, str]], *, spell: bool
) -> Iterator[dict[str, str]]:
    seen: set[str] = set()
    for number, line in enumerate(_lines(path), start=2):
        code, source = codes.plain(line["code"] or ""), (line.get("source_name") or line["name"] or "").strip()
        fault = _fault(code, source, seen)
        if fault:
            faults.append((number, fault))
            continue
        seen.add(code)
        name = clean_name(line["name"])
        street = line.get("street_code") or line.get("streetCode") or code[:9]
        row = {
            "code": code, "name": name, "source_name": source, "street_code": street,
            "street_name": (line.get("street_name") or streets.get(street) or "").strip(), "pinyin": "", "initials": "",
        }  # fmt: skip
        if spell:
            *full, row["initials"] = pinyin.spellings(name)
            row["pinyin"] = " ".join(full)
        yield row


def _fault(code: str, name: str, seen: set[str]) -> str:
    try:
        level = codes.division(code).level if len(code) == 12 else ""
    except codes.CodeError as error:
        return str(error)
    if level != "community":
        return "社区代码是 12 位数字，且不是街道或区县的代码"
    if not name:
        return "没有名称"
    return "代码在文件里出现了两次" if code in seen else ""


def search(words: str, limit: int = _LIMIT) -> list[Division]:
    """Communities whose name holds the words, whose pinyin or initials begin with them, or whose code does."""
    text = codes.plain(words)
    if not text:
        return []
    if text.isascii() and text.isdigit():
        found = select(Division).where(Division.code.startswith(text, autoescape=True))
        return list(db.session.scalars(found.order_by(Division.code).limit(limit)))
    if text.isascii():
        low = text.lower()
        spelled = or_(
            Division.pinyin.startswith(low, autoescape=True),
            Division.pinyin.contains(f" {low}", autoescape=True),
            Division.initials.startswith(low, autoescape=True),
        )
        return list(db.session.scalars(select(Division).where(spelled).order_by(Division.code).limit(limit)))
    text = clean_name(text)
    near = (Division.name == text).desc(), Division.name.startswith(text, autoescape=True).desc()
    named = select(Division).where(Division.name.contains(text, autoescape=True))
    return list(db.session.scalars(named.order_by(*near, Division.code).limit(limit)))


def of_code(text: str, name: str = "code") -> Division:
    """The community of a 12-digit code; raises Refused, naming the input, when it is none or not in the register."""
    try:
        code = codes.division(text)
    except codes.CodeError as error:
        raise Refused(str(error), field=name) from error
    if code.level != "community":
        raise Refused("这是街道或区县的代码，请填社区的 12 位代码。", field=name)
    row = db.session.get(Division, code.code)
    if row is None:
        raise Refused("名单里没有这个代码。请核对数字；如果是新设的社区，请改用手工填写。", field=name)
    return row


def of_name(name: str, street: str) -> Division | None:
    """The registered community of that name in that street, if there is one."""
    rows = db.session.scalars(select(Division).where(Division.name == clean_name(name)))
    return next((row for row in rows if codes.plain(row.street_name) == codes.plain(street)), None)


def number() -> int:
    """How many communities stand in the register."""
    return db.session.scalar(select(func.count()).select_from(Division)) or 0
