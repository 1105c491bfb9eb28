"""The Huangyan model as files of the project: read once, checked whole, counted and sealed by a checksum."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from rongjiu.library.packcheck import PackError, check_pack

Pack = dict[str, Any]

PACK_FILES = (
    "model",
    "departments",
    "policies",
    "parameters",
    "eligibility_fields",
    "needs",
    "services",
    "special_groups",
    "survey_form",
    "timers",
    "onboarding_checklist",
    "sources",
    "glossary",
)
DEMO_FILES = ("huangyan", "baishulin", "providers", "service_providers", "zhou_case", "livestream_stats")
_HERE = Path(__file__).parent

__all__ = [
    "DEMO_FILES",
    "PACK_FILES",
    "Pack",
    "PackError",
    "checksum",
    "read_demo",
    "read_pack",
    "read_pack_from",
    "summary",
]


def _read(path: Path) -> Any:
    """One parsed file; a missing or broken one is a PackError that names it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PackError(path.name, None, "the file is missing") from error
    except ValueError as error:
        raise PackError(path.name, None, f"not readable as JSON: {error}") from error


def read_pack_from(folder: Path) -> Pack:
    """The pack in `folder`, by file stem, checked; raises PackError naming file and id."""
    pack = {name: _read(folder / f"{name}.json") for name in PACK_FILES}
    check_pack(pack)
    return pack


@cache
def read_pack() -> Pack:
    """The Huangyan pack that the project carries, by file stem; one shared object: read it, never change it."""
    return read_pack_from(_HERE / "pack")


@cache
def read_demo(name: str) -> Any:
    """One file of the demo data (see DEMO_FILES); it never travels in a pack and never enters a real tenant."""
    if name not in DEMO_FILES:
        raise PackError(f"{name}.json", None, "no such demo file")
    return _read(_HERE / "demo" / f"{name}.json")


def summary(pack: Pack) -> dict[str, int]:
    """How many of each thing travel in the pack, and how many parameters a new community must confirm."""
    parameters = pack["parameters"]["parameters"]
    review = [row for row in parameters if row["must_review"]]
    with_value = sum(row["value"] is not None for row in review)
    return {
        "departments": len(pack["departments"]["departments"]),
        "policies": len(pack["policies"]["policies"]),
        "parameters": len(parameters),
        "need_categories": len(pack["needs"]["categories"]),
        "need_items": len(pack["needs"]["items"]),
        "services": len(pack["services"]["services"]),
        "groups": len(pack["special_groups"]["groups"]),
        "forms": len(pack["survey_form"]["forms"]),
        "timers": len(pack["timers"]["timers"]),
        "to_confirm": len(review),
        "to_confirm_with_value": with_value,
        "to_confirm_empty": len(review) - with_value,
    }


def checksum(pack: Pack) -> str:
    """SHA-256 (hex) of the pack's content, whatever the order of keys or the layout of the files."""
    text = json.dumps(pack, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
