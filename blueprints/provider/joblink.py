"""What the link of one job opens: found by the token in its cookie, as long as the job lives and nobody took it back."""

from dataclasses import dataclass
from uuid import UUID

from flask import g, request
from werkzeug.wrappers import Response

from blueprints.security import keep_cookie
from rongjiu import links
from rongjiu.actor import Actor, current_actor, set_actor
from rongjiu.db import Scope, Tenant, enter
from rongjiu.errors import Absent
from rongjiu.tenancy import queries as places
from tenants.referrals import receiving
from tenants.referrals.receiving import Job

COOKIE = "__Secure-job"
PATH = "/provider/link"
LIFE = 35 * 24 * 3600
"""Seconds."""
PURPOSES = ("provider_task", "provider_job")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a live link opens; plain values, so that they outlive a change of scope."""

    id: UUID
    purpose: str
    tenant: Tenant
    provider_id: UUID
    tasks: tuple[UUID, ...]
    proved: bool
    """Its holder has typed the code."""

    @property
    def locked(self) -> bool:
        """A job's link that came by message shows nobody before the code was typed: it may have been forwarded."""
        return self.purpose == "provider_job" and not self.proved


def keep(answer: Response, token: str) -> Response:
    """Have the browser keep the token for these pages alone."""
    return keep_cookie(answer, COOKIE, token, life=LIFE, path=PATH)


def find(token: str) -> Opened:
    """The live link of a token; raises Absent."""
    row = links.find(token, *PURPOSES)
    if row.tenant_id is None or row.tenant_uid is None or row.provider_id is None:
        raise Absent(links.DEAD)
    ids = tuple(UUID(each) for each in row.detail.get("tasks", []))
    return Opened(
        row.id, row.purpose, Tenant(row.tenant_id, row.tenant_uid), row.provider_id, ids, row.detail.get("proved") is True
    )  # fmt: skip


def view_of(found: Opened) -> Job:
    """The job of a link, as its receiver may see it now; raises Absent when it ended or somebody else took it."""
    view = receiving.job(found.tenant, found.provider_id, found.tasks)
    if found.purpose == "provider_task" and view.state != "requested":
        raise Absent(links.DEAD)  # taken from the inbox or by another link: whoever holds this one typed no code
    return view


def enter_job() -> tuple[Opened, Job]:
    """The link of the cookie and its job; enters the community for the rest of the request. Raises Absent."""
    found = find(request.cookies.get(COOKIE, ""))
    view = view_of(found)
    g.place = places.community(view.community_slug)
    enter(Scope(tenant=view.tenant))
    before = current_actor()
    set_actor(Actor(None, "provider", view.provider, before.address, before.request_id))
    return found, view


def taken_back() -> str | None:
    """The telephone of the community whose job this browser had opened with a code; None for every other dead link."""
    try:
        found = find(request.cookies.get(COOKIE, ""))
    except Absent:
        return None
    if not found.proved:
        return None
    return places.telephone(found.tenant.uid)
