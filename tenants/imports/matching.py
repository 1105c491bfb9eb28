"""Rows of a file held against the register: new, same, changed, perhaps somebody already there. Writes nothing."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, select, type_coerce

from rongjiu import crypto
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.ids import uuid7
from tenants.imports.lines import Fault, Line
from tenants.imports.plans import Changed, DoorKey, Home, Incoming, Noticed, Plan
from tenants.imports.rules import narrow
from tenants.residents import changing
from tenants.residents.likeness import sensitive
from tenants.residents.models import Courtyard, Household, Person

EVERY = 1000
"""Rows between two reports of progress."""


def _standing(homes: Mapping[UUID, Any], home: UUID) -> UUID:
    """The entry of the register into which a household has been taken in the end."""
    while (into := homes[home].merged_into) is not None:
        home = into
    return home


def _before(person: Any, name: str) -> Any:
    """What the register has of a field, or that it has something: for telling a change from a first entry."""
    return person.id_index if name == "id_number" else getattr(person, name, None)


class Matcher:
    """Holds the register in memory while a file is compared with it; `options` as ImportBatch keeps them."""

    def __init__(self, options: dict[str, bool]) -> None:
        self.plan, self._options, self._uid = Plan(), options, current_tenant().uid
        rows = db.session.execute(select(Courtyard.id, Courtyard.name).order_by(Courtyard.seq)).all()
        self._yards: dict[str, UUID] = {narrow(row.name): row.id for row in rows}
        self._only = next(iter(self._yards.items())) if len(self._yards) == 1 else None
        self._by_id: dict[bytes, Any] = {}
        self._by_phone: dict[bytes, Any] = {}
        self._by_birth: dict[tuple[str, date], Any] = {}
        self._ids_here: dict[bytes, int] = {}
        self._births_here: dict[tuple[str, date], tuple[int, UUID]] = {}
        self._load()

    def _load(self) -> None:
        homes = {row.id: row for row in db.session.execute(
            select(
                Household.id, Household.courtyard_id, Household.building, Household.unit, Household.room,
                Household.merged_into,
            )
        )}  # fmt: skip
        kept: dict[UUID, Home] = {}
        for row in homes.values():
            kept[row.id] = Home(row.id, row.courtyard_id)
        for row in homes.values():
            if row.room:
                door = (row.courtyard_id, row.building, row.unit, row.room)
                self.plan.homes.setdefault(door, kept[_standing(homes, row.id)])
        for person in db.session.execute(
            select(
                Person.id, Person.household_id, Person.seq, Person.name, Person.pinyin, Person.gender, Person.relation,
                Person.birth_date, Person.age_said, Person.phone_index, Person.id_index,
                type_coerce(Person.condition, LargeBinary).label("condition"), Person.groups, Person.status,
            )
        ):  # fmt: skip
            kept[person.household_id].people.append(person)
            if person.id_index:
                self._by_id[bytes(person.id_index)] = person
            if person.status == "merged":
                continue
            if person.phone_index:
                self._by_phone.setdefault(bytes(person.phone_index), person)
            if person.birth_date:
                self._by_birth.setdefault((person.name, person.birth_date), person)

    def take(self, lines: Iterable[Line], tell: Callable[[int], None] = lambda _n: None) -> Plan:
        """Compare each line; `tell` hears how many were compared, every thousand."""
        counts, n = self.plan.counts, 0
        for n, line in enumerate(lines, 1):
            counts["rows"] += 1
            for note in line.notes:
                self._say(line, "note", note)
            self._take(line)
            if n % EVERY == 0:
                tell(n)
        counts["households"] = sum(1 for home in self.plan.homes.values() if home.fresh)
        counts["persons"] = sum(len(home.incoming) for home in self.plan.each_home())
        return self.plan

    def _say(self, line: Line, kind: str, fault: Fault, household_id: UUID | None = None) -> None:
        self.plan.noticed.append(Noticed(line.row, kind, fault, line.name, household_id))

    def _wrong(self, line: Line, *faults: Fault) -> None:
        for fault in faults:
            self._say(line, "error", fault)
        self.plan.counts["error"] += 1

    def _take(self, line: Line) -> None:
        if line.faults:
            return self._wrong(line, *line.faults)
        yard = self._yard(line)
        if yard is None:
            said = {"word": line.courtyard[:20]}
            text = N_("没有“%(word)s”这个院落。") if line.courtyard else N_("没有写院落。")
            return self._wrong(line, ("courtyard", text, said if line.courtyard else {}))
        key = (yard, line.building, line.unit, line.room)
        home = self.plan.homes.get(key)
        if line.vacant:
            return self._vacant(key, home)
        id_index = crypto.blind(line.id_number, self._uid, "id_number") if line.id_number else None
        if id_index is not None and (earlier := self._ids_here.setdefault(id_index, line.row)) != line.row:
            return self._wrong(line, ("id_number", N_("和第 %(row)s 行的身份证号相同。"), {"row": earlier}))
        phone_index = crypto.blind(line.phone, self._uid, "phone") if line.phone else None
        self.plan.yards[line.courtyard] += 1
        there = self._by_id.get(id_index) if id_index is not None else None
        if there is not None and (home is None or there.household_id != home.id):
            return self._double(line, N_("这个身份证号已登记在另一户。"), there.household_id, final=True)
        if there is None and home is not None:
            there = self._at_home(home, line, id_index)
        if there is not None:
            return self._compare(line, there, id_index, phone_index)
        return self._enter(key, home, Incoming(line, uuid7(), id_index, phone_index))

    def _vacant(self, key: DoorKey, home: Home | None) -> None:
        if home is None:
            self.plan.homes[key] = Home(uuid7(), key[0], fresh=True, vacant=True)
            self.plan.counts["new"] += 1
        else:
            self.plan.counts["same"] += 1

    def _yard(self, line: Line) -> Any:
        name = line.courtyard
        if not name and self._only:
            line.courtyard = self._only[0]
            return self._only[1]
        found = self._yards.get(name)
        if found is None and name:  # 碑林区雁北新村 in an address: the courtyard's name stands in it
            inside = [known for known in self._yards if known in name]
            if len(inside) == 1:
                line.courtyard, found = inside[0], self._yards[inside[0]]
            elif self._options.get("yards"):
                self.plan.counts["yards"] += 1
                found = self._yards[name] = self.plan.new_yards[name] = uuid7()
        return found

    def _at_home(self, home: Home, line: Line, id_index: bytes | None) -> Any:
        """Who of the household the line means: the same name, and no other identity number."""
        for person in home.people:
            if person.name == line.name and person.status != "merged":
                other = person.id_index is not None and id_index is not None and bytes(person.id_index) != id_index
                if not other:
                    return person
        return None

    def _enter(self, key: DoorKey, home: Home | None, new: Incoming) -> None:
        line = new.line
        twin = next((each.line for each in home.incoming if each.line.name == line.name), None) if home else None
        if twin is not None and not (twin.id_number and line.id_number and twin.id_number != line.id_number):
            return self._wrong(line, ("name", N_("和第 %(row)s 行重复：同一户、同一个名字。"), {"row": twin.row}))
        found = self._elsewhere(home, new)
        if found is not None:
            self._double(line, *found)
            if not self._options.get("duplicates"):
                return None
        if home is None:
            home = self.plan.homes[key] = Home(uuid7(), key[0], fresh=True)
        if line.born is not None:
            self._births_here.setdefault((line.name, line.born), (line.row, home.id))
        home.incoming.append(new)
        self.plan.counts["new"] += 1
        return None

    def _elsewhere(self, home: Home | None, new: Incoming) -> tuple[str, UUID | None, dict[str, Any]] | None:
        """Where somebody is registered who may be the same person: words, household, their values."""
        line = new.line
        if home is not None and home.people:
            if any(person.name == line.name for person in home.people):
                return N_("同一户已有同名的人，身份证号不同。"), home.id, {}
            reading = changing.reading(line.name)
            if any(person.pinyin == reading and person.status != "merged" for person in home.people):
                return N_("同一户已有读音相同的人，可能写了别字。"), home.id, {}
        if line.born is not None:
            there = self._by_birth.get((line.name, line.born))
            if there is not None and (there.id_index is None or new.id_index is None):
                return N_("另一户登记着同名同出生日期的人。"), there.household_id, {}
            here = self._births_here.get((line.name, line.born))
            if here is not None and new.id_index is None:
                return N_("和第 %(row)s 行同名同出生日期，但不在一户。"), None, {"row": here[0]}
        if new.phone_index is not None:
            there = self._by_phone.get(new.phone_index)
            if there is not None and (home is None or there.household_id != home.id):
                if there.name == line.name:
                    return N_("另一户登记着同名同电话的人。"), there.household_id, {}
                self._say(line, "note", ("phone", N_("电话和另一户登记的相同，请留意。"), {}), there.household_id)
        return None

    def _double(
        self,
        line: Line,
        text: str,
        household_id: UUID | None,
        words: dict[str, Any] | None = None,
        *,
        final: bool = False,
    ) -> None:
        self._say(line, "duplicate", ("name" if not final else "id_number", text, words or {}), household_id)
        self.plan.counts["duplicate"] += 1

    def _compare(self, line: Line, person: Any, id_index: bytes | None, phone_index: bytes | None) -> None:
        values = self._differing(line, person, id_index, phone_index)
        if not values:
            self.plan.counts["same"] += 1
            return
        if person.birth_date is not None and line.id_number and "birth_date" in values:
            self._wrong(line, ("id_number", N_("身份证号和登记的出生日期对不上，请照证件再看一眼。"), {}))
            return
        self.plan.changes.append(Changed(person, line, values))
        fields = " ".join(sorted(values))
        wait = any(sensitive(name, _before(person, name), after) for name, after in values.items())
        text = (
            N_("与登记册不同；姓名、出生日期、身份证号、身体情况要书记批准后才改。") if wait else N_("与登记册不同。")
        )
        self._say(line, "changed", (fields, text, {}), person.household_id)
        self.plan.counts["changed"] += 1

    def _differing(self, line: Line, person: Any, id_index: bytes | None, phone_index: bytes | None) -> dict[str, Any]:
        """Fields that the file fills otherwise than the register; an empty cell says nothing, groups are only added."""
        values: dict[str, Any] = {}
        if line.name != person.name:
            values["name"] = line.name
        if line.gender and line.gender != person.gender:
            values["gender"] = line.gender
        if line.relation and line.relation != person.relation:
            values["relation"] = line.relation
        if line.born is not None and line.born != person.birth_date:
            values["birth_date"] = line.born
        if phone_index is not None and phone_index != (bytes(person.phone_index) if person.phone_index else None):
            values["phone"] = line.phone
        if id_index is not None and person.id_index is None:
            values["id_number"] = line.id_number
        if line.condition and line.condition != self._opened(person.condition):
            values["condition"] = line.condition
        if not set(line.groups) <= set(person.groups):
            values["groups"] = sorted({*person.groups, *line.groups})
        return values

    def _opened(self, sealed: bytes | None) -> str:
        return crypto.unseal(bytes(sealed), self._uid, "person|condition").decode() if sealed else ""
