"""The pack that the project carries: whole, counted, sealed, and without people."""

import copy
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rongjiu
from rongjiu.library.packcheck import PEOPLE, check_pack
from rongjiu.library.packfiles import DEMO_FILES, PackError, checksum, read_demo, read_pack, read_pack_from, summary


def test_the_counts_are_those_that_the_founder_reads() -> None:
    assert summary(read_pack()) == {
        "departments": 13,
        "policies": 50,
        "parameters": 39,
        "need_categories": 5,
        "need_items": 12,
        "services": 33,
        "groups": 14,
        "forms": 3,
        "timers": 133,
        "to_confirm": 30,
        "to_confirm_with_value": 8,
        "to_confirm_empty": 22,
    }


def test_the_manifest_agrees_with_the_files() -> None:
    pack, target = read_pack(), read_pack()["model"]["target_counts"]
    counts = summary(pack)
    assert pack["model"]["version"] == "1.0.0"
    assert {
        name: counts[name] for name in ("departments", "policies", "need_categories", "need_items", "services")
    } == {name: target[name] for name in ("departments", "policies", "need_categories", "need_items", "services")}
    assert {f"{name}.json" for name in pack} == set(pack["model"]["cloned"])
    assert [row["seq"] for row in pack["onboarding_checklist"]["items"]] == list(range(1, 11))


def test_services_travel_as_types_and_nobody_travels_at_all() -> None:
    providers = [row["id"] for row in read_demo("providers")["providers"]]
    text = json.dumps({name: data for name, data in read_pack().items() if name != "glossary"}, ensure_ascii=False)
    assert len(providers) == 43
    assert [name for name in providers if f'"{name}"' in text] == []
    assert not any(key in row for row in read_pack()["services"]["services"] for key in PEOPLE)
    links = {row["service_id"]: row for row in read_demo("service_providers")["links"]}
    assert set(links) == {row["id"] for row in read_pack()["services"]["services"]}
    assert {who for row in links.values() for who in (row["lead_provider_id"], *row["other_provider_ids"])} <= set(
        providers
    )


def test_the_checksum_sees_content_and_not_layout() -> None:
    pack = read_pack()
    assert checksum(pack) == checksum(dict(reversed(pack.items()))) and len(checksum(pack)) == 64
    other = copy.deepcopy(pack)
    other["parameters"]["parameters"][0]["value"] += 1
    assert checksum(other) != checksum(pack)


def _twice(pack: Any) -> None:
    pack["needs"]["items"].append(pack["needs"]["items"][0])


def _dangling(pack: Any) -> None:
    pack["policies"]["policies"][3]["department_id"] = "nowhere"


def _unknown_field(pack: Any) -> None:
    pack["policies"]["policies"][0]["criteria"]["all"][0]["field"] = "person.hukou"


def _unknown_line(pack: Any) -> None:
    pack["policies"]["policies"][0]["criteria"]["all"][1]["value"] = {"param": "line"}


def _text_line(pack: Any) -> None:
    pack["policies"]["policies"][0]["criteria"]["all"][1]["value"] = "740"


def _provider(pack: Any) -> None:
    pack["services"]["services"][0]["lead_provider_id"] = "yanqing-chc"


def _unit(pack: Any) -> None:
    pack["timers"]["timers"][0]["unit"] = "weeks"


@pytest.mark.parametrize(
    ("spoil", "file", "row_id"),
    [
        (_twice, "needs.json", "policy-help"),
        (_dangling, "policies.json", "tekun"),
        (_unknown_field, "policies.json", "dibao"),
        (_unknown_line, "policies.json", "dibao"),
        (_text_line, "policies.json", "dibao"),
        (_provider, "services.json", "free-clinic"),
        (_unit, "timers.json", "signal-triage"),
    ],
)
def test_a_spoilt_pack_is_refused_naming_file_and_id(spoil: Callable[[Any], None], file: str, row_id: str) -> None:
    pack = copy.deepcopy(read_pack())
    spoil(pack)
    with pytest.raises(PackError, match=f"{file}: {row_id}: ") as caught:
        check_pack(pack)
    assert (caught.value.file, caught.value.row_id) == (file, row_id)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"model\.json: the file is missing"):
        read_pack_from(tmp_path)
    (tmp_path / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(PackError, match=r"model\.json: not readable as JSON"):
        read_pack_from(tmp_path)


def test_demo_files_are_read_by_name_only() -> None:
    assert all(read_demo(name) for name in DEMO_FILES)
    with pytest.raises(PackError):
        read_demo("../pack/model")


def test_beilin_has_105_communities_in_8_streets() -> None:
    path = Path(rongjiu.__file__).parent / "tenancy" / "beilin_divisions.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 105 and len({row["code"] for row in rows}) == 105
    assert len({row["street_code"] for row in rows}) == 8
    assert [row["name"] for row in rows if row["code"] in ("610103002002", "610103008011")] == [
        "端履门社区",
        "黄雁社区",
    ]
