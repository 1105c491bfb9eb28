"""What makes a pack sound: ids are unique, every reference resolves, criteria use the closed vocabulary, no people."""

from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]

# Where the rows of each file stand; a file with several lists has several entries.
LISTS: tuple[tuple[str, str], ...] = (
    ("sources", "sources"),
    ("departments", "departments"),
    ("special_groups", "groups"),
    ("needs", "categories"),
    ("needs", "items"),
    ("services", "services"),
    ("services", "price_classes"),
    ("services", "delivery_modes"),
    ("policies", "policies"),
    ("policies", "documents"),
    ("policies", "apply_at"),
    ("policies", "help_classes"),
    ("parameters", "parameters"),
    ("eligibility_fields", "fields"),
    ("eligibility_fields", "cures"),
    ("survey_form", "forms"),
    ("timers", "timers"),
    ("timers", "groups"),
    ("timers", "urgencies"),
    ("onboarding_checklist", "items"),
    ("glossary", "terms"),
    ("model", "case_states"),
    ("model", "pillars"),
)
PEOPLE = ("lead_provider_id", "other_provider_ids", "provider_id", "member_id", "phone")


class PackError(ValueError):
    """A pack is not sound; says which file and which id."""

    def __init__(self, file: str, row_id: str | None, message: str) -> None:
        super().__init__(f"{file}: {row_id}: {message}" if row_id else f"{file}: {message}")
        self.file, self.row_id = file, row_id


class _Checker:
    def __init__(self, pack: Mapping[str, Any]) -> None:
        self.pack = pack
        self.ids: dict[tuple[str, str], set[str]] = {}
        for stem, key in LISTS:
            self.ids[stem, key] = self._unique(stem, key)
        self.fields: dict[str, Row] = {row["id"]: row for row in pack["eligibility_fields"]["fields"]}
        self.operators: set[str] = set(pack["eligibility_fields"]["operators"])

    def rows(self, stem: str, key: str) -> list[Row]:
        rows = self.pack.get(stem, {}).get(key)
        if not isinstance(rows, list):
            raise PackError(f"{stem}.json", None, f"no list '{key}'")
        return rows

    def _unique(self, stem: str, key: str) -> set[str]:
        seen: set[str] = set()
        for row in self.rows(stem, key):
            row_id = row.get("id")
            if not isinstance(row_id, str) or not row_id:
                raise PackError(f"{stem}.json", None, f"a row of '{key}' has no id")
            if row_id in seen:
                raise PackError(f"{stem}.json", row_id, f"the id stands twice in '{key}'")
            seen.add(row_id)
        return seen

    def refer(self, file: str, row: Row, values: Iterable[str], stem: str, key: str) -> None:
        """Every value must be an id of that list."""
        for value in values:
            if value not in self.ids[stem, key]:
                raise PackError(f"{file}.json", row["id"], f"unknown {key} id {value!r}")

    def number(self, row: Row, value: object) -> None:
        """A line to compare with: a number, a parameter, or a parameter times a number or parameter."""
        if isinstance(value, Mapping):
            self.refer("policies", row, [value["param"]], "parameters", "parameters")
            if isinstance(value.get("times"), Mapping):
                self.refer("policies", row, [value["times"]["param"]], "parameters", "parameters")
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise PackError("policies.json", row["id"], f"{value!r} is not a number")

    def criteria(self, row: Row, node: Mapping[str, Any]) -> None:
        """A tree of all / any over conditions whose field, operator and value fit each other."""
        for combinator in ("all", "any"):
            if combinator in node:
                if not node[combinator]:
                    raise PackError("policies.json", row["id"], f"an empty '{combinator}'")
                for child in node[combinator]:
                    self.criteria(row, child)
                return
        field, op = self.fields.get(node.get("field", "")), node.get("op")
        if field is None:
            raise PackError("policies.json", row["id"], f"unknown field {node.get('field')!r}")
        if op not in self.operators:
            raise PackError("policies.json", row["id"], f"unknown operator {op!r}")
        wanted = {"is_true": ("bool",), "is_false": ("bool",), "in": ("enum", "number")}.get(op, ("number",))
        if field["type"] not in wanted:
            raise PackError("policies.json", row["id"], f"{op} does not fit {field['id']} ({field['type']})")
        if op == "in":
            allowed = field.get("values", node["value"])
            if not isinstance(node["value"], list) or any(value not in allowed for value in node["value"]):
                raise PackError("policies.json", row["id"], f"values of {field['id']} are not in its list")
        elif op not in ("is_true", "is_false"):
            self.number(row, node["value"])


def _policies(check: _Checker) -> None:
    for row in check.rows("policies", "policies"):
        check.refer("policies", row, [row["department_id"]], "departments", "departments")
        check.refer("policies", row, [row["help_class"]], "policies", "help_classes")
        check.refer("policies", row, row["document_ids"], "policies", "documents")
        check.refer("policies", row, row["apply_at"], "policies", "apply_at")
        check.refer("policies", row, (basis["source_id"] for basis in row["basis"]), "sources", "sources")
        benefit = row["benefit"]
        amounts = [benefit["amount_param"]] if benefit["amount_param"] else []
        amounts += [band[2] for band in benefit.get("banded", {}).get("bands", [])]
        check.refer("policies", row, amounts, "parameters", "parameters")
        if row["scope"] not in ("household", "person"):
            raise PackError("policies.json", row["id"], f"unknown scope {row['scope']!r}")
        check.criteria(row, row["criteria"])


def _needs_and_services(check: _Checker) -> None:
    for row in check.rows("needs", "items"):
        check.refer("needs", row, [row["category_id"]], "needs", "categories")
        check.refer("needs", row, row["special_group_ids"], "special_groups", "groups")
    for row in check.rows("services", "services"):
        check.refer("services", row, row["category_ids"], "needs", "categories")
        check.refer("services", row, row["need_item_ids"], "needs", "items")
        check.refer("services", row, row["delivery_modes"], "services", "delivery_modes")
        check.refer("services", row, [row["price_class"]], "services", "price_classes")
        for key in PEOPLE:
            if key in row:
                raise PackError("services.json", row["id"], f"'{key}' does not travel: services are types")


def _timers(check: _Checker) -> None:
    units = set(check.pack["timers"]["units"])
    for row in check.rows("timers", "timers"):
        check.refer("timers", row, [row["group"]], "timers", "groups")
        check.refer("timers", row, row.get("groups", []), "special_groups", "groups")
        if row["basis"] != "product_default":
            check.refer("timers", row, [row["basis"]], "sources", "sources")
        if row["unit"] not in units:
            raise PackError("timers.json", row["id"], f"unknown unit {row['unit']!r}")
        if ("value" in row) == ("by_urgency" in row):
            raise PackError("timers.json", row["id"], "needs either a value or by_urgency")
        check.refer("timers", row, row.get("by_urgency", {}), "timers", "urgencies")


def check_pack(pack: Mapping[str, Any]) -> None:
    """Raise PackError at the first fault: an id twice, a dangling reference, a criterion that no evaluator can read."""
    check = _Checker(pack)
    _policies(check)
    _needs_and_services(check)
    _timers(check)
    for row in check.rows("parameters", "parameters"):
        check.refer("parameters", row, [row["source_id"]], "sources", "sources")
        if row["status"] == "to_be_set" and not row["must_review"]:
            raise PackError("parameters.json", row["id"], "to be set, but not for review")
    for row in check.rows("eligibility_fields", "cures"):
        check.refer(
            "eligibility_fields", row, [row["field"], *row.get("senseless_if", {})], "eligibility_fields", "fields"
        )
        check.refer("eligibility_fields", row, [row["department_id"]], "departments", "departments")
        check.refer("eligibility_fields", row, row.get("recognition", {}).values(), "policies", "policies")
    for row in check.rows("model", "case_states"):
        check.refer("model", row, row["next"], "model", "case_states")
    for form in check.rows("survey_form", "forms"):
        names = [field["id"] for field in form["fields"]]
        for name in names:
            if names.count(name) > 1:
                raise PackError("survey_form.json", form["id"], f"the field {name!r} stands twice")
