"""The four lists of the published model as taxonomies that anyone may read: needs, services of society, government
programmes, special groups. Their ids are derived from the codes, so that every clone and every release says the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from rongjiu.library.packfiles import read_pack

ROOT = UUID("6f1d0c52-7c1f-5d0e-9c55-5b0f6a3b2d10")
"""Namespace of everything whose id is derived; never changes."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """One list."""

    code: str
    name: str
    description: str

    @property
    def id(self) -> UUID:
        """Its id."""
        return uuid5(ROOT, f"taxonomy/{self.code}")


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list; `parent` is the code of the entry above it."""

    taxonomy: Taxonomy
    code: str
    name: str
    description: str
    parent: str = ""

    @property
    def id(self) -> UUID:
        """Its id."""
        return term_id(self.taxonomy.code, self.code)


TAXONOMIES = {
    one.code: one
    for one in (
        Taxonomy("needs", "需求清单", "五类十二项需求"),
        Taxonomy("services", "社会力量服务清单", "三十三项社会力量服务"),
        Taxonomy("programmes", "政府救助清单", "十三个部门的五十项救助政策"),
        Taxonomy("groups", "特殊群体分类", "十四类特殊群体,说明服务对象"),
    )
}


def term_id(taxonomy: str, code: str) -> UUID:
    """The id of an entry of a list."""
    return uuid5(ROOT, f"term/{taxonomy}/{code}")


@cache
def terms() -> dict[UUID, Term]:
    """Every entry of the four lists by id, in the order of the lists."""
    pack = read_pack()
    needs, services = pack["needs"], pack["services"]["services"]
    departments, policies = pack["departments"]["departments"], pack["policies"]["policies"]
    found = [
        *_terms("needs", needs["categories"]),
        *_terms("needs", needs["items"], parent="category_id"),
        *_terms("services", services),
        *_terms("programmes", departments, about="role_zh"),
        *_terms("programmes", policies, parent="department_id", about="gives_zh"),
        *_terms("groups", pack["special_groups"]["groups"]),
    ]
    return {term.id: term for term in found}


def _terms(taxonomy: str, rows: Iterable[dict[str, Any]], *, parent: str = "", about: str = "") -> list[Term]:
    return [
        Term(
            TAXONOMIES[taxonomy], row["id"], row["name_zh"], row.get(about) or row["name_zh"],
            row.get(parent) or "" if parent else "",
        )
        for row in rows
    ]  # fmt: skip


@cache
def of_service_type(code: str) -> tuple[Term, ...]:
    """The entries that a kind of service stands under: itself, then the needs it answers; none for a new kind."""
    known = terms()
    row = next((one for one in read_pack()["services"]["services"] if one["id"] == code), None)
    if row is None:
        return ()
    ids = [term_id("services", code), *(term_id("needs", item) for item in row.get("need_item_ids", ()))]
    return tuple(known[each] for each in ids if each in known)
