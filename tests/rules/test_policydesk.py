"""Conditions as rows: every policy survives the grid, full-width typing is read, every wrong cell is named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongjiu.library.packfiles import read_pack
from tenants.policydesk import cells, rules
from tenants.policydesk.vocabulary import OPTIONS
from tenants.screening.relations import CLASSES, RECOGNISED

PACK = read_pack()
POLICIES = {row["id"]: row for row in PACK["policies"]["policies"]}
WORDS = cells.Words(
    {row["id"]: row for row in PACK["eligibility_fields"]["fields"]},
    {row["id"]: row for row in PACK["parameters"]["parameters"]}, OPTIONS,
)  # fmt: skip


def row(fact: str = "person.age", op: str = "gte", value: str = "70", **more: str) -> dict[str, str]:
    return {"group": "", "fact": fact, "op": op, "value": value, "near": "", "hint": "", **more}


@pytest.mark.parametrize("slug", sorted(POLICIES))
def test_every_policy_of_the_pack_survives_rows_and_words(slug: str) -> None:
    criteria = POLICIES[slug]["criteria"]
    rows = rules.rows_of(criteria)
    assert rules.tree_of(rows, WORDS) == (criteria, [])
    assert rules.tree_of([rules.shown(each, WORDS) for each in rows], WORDS) == (criteria, [])
    assert json.dumps(rules.tree_of(rows, WORDS)[0], sort_keys=True) == json.dumps(criteria, sort_keys=True)


LEAVES = st.sampled_from([
    {"field": "person.age", "op": "gte", "value": 70, "near": True}, {"field": "person.hukou_local", "op": "is_true"},
    {"field": "household.recognised", "op": "in", "value": ["dibao", "tekun"], "curable": "先申请 / first"},
    {"field": "household.income_per_capita_month", "op": "lt",
     "value": {"param": "dibao_line_urban_month", "times": {"param": "dibao_margin_multiple"}}},
    {"field": "household.income_per_capita_month", "op": "lte", "value": {"param": "dibao_line_urban_month", "times": 1.2}},
])  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(lambda kind, parts: {kind: parts}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=4)),
    max_leaves=12,
)  # fmt: skip


def depth(node: dict[str, Any]) -> int:
    parts = node.get("all", node.get("any"))
    return 1 + max(depth(part) for part in parts) if parts else 0


@given(
    st.builds(
        lambda kind, parts: {kind: parts}, st.sampled_from(["all", "any"]), st.lists(TREES, min_size=1, max_size=4)
    )
)
def test_any_tree_survives_the_grid(tree: dict[str, Any]) -> None:
    back, faults = rules.tree_of(rules.rows_of(tree), WORDS)
    if depth(tree) <= 5:
        assert (back, faults) == (tree, [])
    else:
        assert {fault.column for fault in faults} <= {"group"}, "too deep for a grid is said, not flattened"


def test_a_table_typed_full_width_is_read() -> None:
    pasted = "\t家庭人均月收入\t＜＝\t＠城市低保标准×１．５\t是\t\n任一１\t年龄\t≥\t７０\t\t\n任一１\t残疾等级\t属于\t１，２\t\t"
    tree, faults = rules.tree_of(rules.pasted(pasted), WORDS)
    assert faults == []
    line = {"param": "dibao_line_urban_month", "times": 1.5}
    assert tree == {"all": [
        {"field": "household.income_per_capita_month", "op": "lte", "value": line, "near": True},
        {"any": [
            {"field": "person.age", "op": "gte", "value": 70},
            {"field": "person.disability_grade", "op": "in", "value": [1, 2]},
        ]},
    ]}  # fmt: skip


@pytest.mark.parametrize(("given_row", "column"), [
    (row("没有这个"), "fact"), (row(op="大概"), "op"), (row("person.hukou_local", "gte", ""), "op"), (row(value="很多"), "value"),
    (row(value="@没有这条线"), "value"), (row(value="@城市低保标准×@没有"), "value"), (row(value="@城市低保标准×-1"), "value"),
    (row("household.recognised", "in", "富裕"), "value"), (row("household.recognised", "in", ""), "value"),
    (row("person.hukou_local", "is_true", "1"), "value"), (row(op="eq", near="是"), "near"), (row(near="大概"), "near"),
    (row(group="随便"), "group"), (row(value="NaN"), "value"),
])  # fmt: skip
def test_a_wrong_cell_is_named_by_row_and_column(given_row: dict[str, str], column: str) -> None:
    _tree, faults = rules.tree_of([row(), {}, given_row], WORDS)
    assert [(fault.row, fault.column) for fault in faults] == [(3, column)]


def test_a_closed_list_is_offered_for_a_wrong_name() -> None:
    _tree, (fault,) = rules.tree_of([row("年令")], WORDS)
    assert "年龄" in fault.allowed and len(fault.allowed) == 50


def test_an_empty_grid_is_refused_and_a_line_of_headings_is_not_a_row() -> None:
    assert rules.tree_of([{}, {}], WORDS)[1]
    heads = "\t".join(rules.HEADS.values())
    assert rules.pasted(f"{heads}\n\t年龄\t不低于\t70\n\n") == [row("年龄", "不低于", "70")]


def test_recognitions_that_wait_for_each_other_are_found() -> None:
    trees = {slug: POLICIES[slug]["criteria"] for slug in POLICIES}
    assert rules.circular(trees, CLASSES, RECOGNISED) == set()

    def asks(*names: str) -> dict[str, Any]:
        return {"all": [{"field": RECOGNISED, "op": "in", "value": list(names)}]}

    assert rules.circular({**trees, "dibao": asks("dibao_margin"), "dibao-margin": asks("dibao")}, CLASSES, RECOGNISED) == {
        "dibao", "dibao-margin",
    }  # fmt: skip
    assert rules.circular({**trees, "dibao": asks("dibao")}, CLASSES, RECOGNISED) == {"dibao"}
    assert rules.circular({**trees, "dibao": asks("dibao", "none")}, CLASSES, RECOGNISED) == set()


def test_rows_that_changed_are_told_apart() -> None:
    old = [row(), row("person.hukou_local", "is_true", "")]
    new = [row(value="80"), old[1]]
    assert [kind for kind, _row in rules.changed(old, new)] == ["gone", "new", "same"]
