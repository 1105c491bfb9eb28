"""/hsds/, /hsds/profile, /hsds/openapi.json: which version is spoken, what is narrower here, which addresses there are."""

from typing import Any

from flask.typing import ResponseReturnValue

from blueprints.entry import full_address
from blueprints.hsds.door import bp, said
from rongjiu.marketplace.rules import CAPACITY

VERSION = "3.1.3"
NAME = "hsds-cn-community"
PATCHES: dict[str, dict[str, Any]] = {
    "address": {
        "properties": {
            "postal_code": {"pattern": r"^\d{6}$"}, "country": {"const": "CN"},
            "city": {"description": "地级市或直辖市"}, "state_province": {"description": "省、自治区、直辖市"},
        },
    },
    "organization_identifier": {
        "properties": {
            "identifier_type": {"description": "统一社会信用代码"}, "identifier_scheme": {"const": "CN-USCC"},
            "identifier": {
                "pattern": "^[0-9A-HJ-NP-RTUWXY]{18}$", "description": "GB 32100-2015, checked by its 18th character",
            },
        },
    },
    "cost_option": {
        "properties": {
            "currency": {"const": "CNY"}, "option": {"enum": ["免费", "成本价(出厂价)", "优惠价", "市场价"]},
        },
        "required": ["id", "option", "currency"],
    },
    "schedule": {
        "properties": {
            "opens_at": {"pattern": r"^([01]\d|2[0-3]):[0-5]\d\+08:00$"},
            "closes_at": {"pattern": r"^([01]\d|2[0-3]):[0-5]\d\+08:00$"}, "timezone": {"const": 8},
        },
    },
    "service": {
        "properties": {"last_modified": {"pattern": r"\+08:00$"}, "email": None, "phones": None, "contacts": None},
        "required": ["id", "name", "status", "organization_id", "assured_date", "last_modified"],
    },
    "service_capacity": {
        "properties": {
            "status": {
                "enum": [*CAPACITY],
                "description": "has_capacity: places left; assessment_required: places left, for certain groups only; "
                "waitlist: full now, a later month has a place; no_capacity: none within a year",
            },
        },
        "required": ["id", "unit", "available", "updated", "status"],
    },
    "organization": {"properties": {"email": None, "phones": None, "contacts": None}},
}  # fmt: skip
"""JSON merge patches (RFC 7386) on the schemas of the standard; null takes a property away."""
LISTS = ("services", "organizations", "service_at_locations", "taxonomies", "taxonomy_terms")
PARAMETERS = {
    "services": (
        "search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "full", "minimal", "page",
        "per_page", "format",
    ),
    "organizations": (
        "search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "full", "full_service",
        "page", "per_page", "format",
    ),
    "service_at_locations": (
        "search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "full", "page", "per_page",
        "format",
    ),
    "taxonomies": ("search", "page", "per_page", "format"),
    "taxonomy_terms": ("search", "taxonomy_id", "parent_id", "top_only", "page", "per_page", "format"),
}  # fmt: skip


NOT_SERVED = dict.fromkeys(
    ("postcode", "proximity"),
    "400: no coordinates are kept and one postal code covers many streets; narrow by search or taxonomy",
)
"""Optional parameters of the standard that no list takes: they are refused by name, never silently left out."""


@bp.get("/")
def root() -> ResponseReturnValue:
    """Version, profile and description of this API."""
    address = {"profile": full_address("hsds.profile"), "openapi_url": full_address("hsds.openapi")}
    return said({"version": VERSION, "publisher": "融救联助", **address})


@bp.get("/profile")
def profile() -> ResponseReturnValue:
    """The profile: its name, what it says, and the address of each merge patch."""
    return said(
        {
            "id": NAME, "name": "社区服务开放数据应用配置", "version": "1.0", "hsds": VERSION,
            "description": "HSDS 3.1 narrowed for services shared by Chinese communities: CN addresses, USCC, CNY, "
            "+08:00, an assured date; no telephone, e-mail or contact of a person.",
            "parameters": {name: list(served) for name, served in PARAMETERS.items()}, "not_served": NOT_SERVED,
            "schemas": {name: full_address("hsds.profile_patch", name=name) for name in PATCHES},
        }
    )  # fmt: skip


@bp.get("/profile/<name>.json")
def profile_patch(name: str) -> ResponseReturnValue:
    """One merge patch."""
    return said(PATCHES[name]) if name in PATCHES else said({"error": "not_found"}, 404)


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Addresses and parameters as OpenAPI 3.1."""
    paths: dict[str, Any] = {"/": {"get": _operation("root", ())}}
    for name in LISTS:
        paths[f"/{name}"] = {"get": _operation(name, PARAMETERS[name])}
        paths[f"/{name}/{{id}}"] = {"get": _operation(f"{name}_one", ("id",))}
    info = {"title": "HSDS 3.1 · 融救联助", "version": VERSION}
    servers = [{"url": full_address("hsds.root").rstrip("/")}]
    return said({"openapi": "3.1.0", "info": info, "servers": servers, "paths": paths})


def _operation(name: str, parameters: tuple[str, ...]) -> dict[str, Any]:
    given = [
        {"name": one, "in": "path" if one == "id" else "query", "required": one == "id", "schema": _schema(one)}
        for one in parameters
    ]
    answers = {
        "200": {"description": "OK"},
        "400": {"description": "A parameter is not served or cannot be read; it is named"},
    }
    return {"operationId": name, "parameters": given, "responses": answers}


def _schema(name: str) -> dict[str, Any]:
    if name in ("page", "per_page"):
        return {"type": "integer", "minimum": 1}
    if name in ("full", "full_service", "minimal", "top_only"):
        return {"type": "boolean"}
    if name.endswith("id"):
        return {"type": "string", "format": "uuid"}
    return {"type": "string", **({"format": "date-time"} if name == "modified_after" else {})}
