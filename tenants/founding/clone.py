"""What of the founding travels in a pack: the checklist from cloning to the first sweep."""

from sqlalchemy import insert

from rongjiu.db import Tenant, db
from rongjiu.library.cloner import Cloner, Content, Part
from tenants.founding.models import ChecklistItem

REQUIRED = frozenset({"clone", "parameters"})
"""Steps that must be done before the street is asked; local slots block besides."""


def _checklist(pack: Content, _origin: str, tenant: Tenant) -> int:
    rows = [
        {
            "tenant_id": tenant.id, "slug": item["id"], "seq": item["seq"], "name_zh": item["name_zh"],
            "name_en": item["name_en"], "required": item["id"] in REQUIRED,
        }
        for item in pack["onboarding_checklist"]["items"]
    ]  # fmt: skip
    db.session.execute(insert(ChecklistItem), rows)
    return len(rows)


CLONERS: tuple[Cloner, ...] = (Part("checklist_item", ("parameter",), _checklist),)
"""The parts of this room."""
