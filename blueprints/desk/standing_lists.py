"""/desk/consents, /desk/offers: every consent and every offer of the community, to filter, page, print and take away."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import offer_words, words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size
from blueprints.forms import lazy
from rongjiu.clock import now
from tenants.consents import queries as standing
from tenants.referrals import queries, rules
from tenants.referrals.models import TASK_STATES
from tenants.referrals.words import said

CONSENTS = {"live": lazy("有效"), "over": lazy("已到期"), "withdrawn": lazy("已撤回")}
OFFERS = {
    "live": lazy("没办完的"),
    **{state: lazy(said(state)) for state in TASK_STATES if state != "draft"},
}


def _asked() -> str:
    return request.args.get("q", "").strip()[:40]


def _of(name: str, known: Any) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


@bp.get("/consents")
def consents() -> ResponseReturnValue:
    """Who agreed to what for whom, until when; names masked."""
    state, scope, page, q = _of("state", CONSENTS), _of("scope", words.SCOPES), page_number(), _asked()
    rows, total = standing.listed(state, scope, q, page, page_size())
    groups = [
        _group("state", _("状态"), state, CONSENTS.items()), _group("scope", _("同意什么"), scope, words.SCOPES.items()),
    ]  # fmt: skip
    return render_template(
        "desk/consents.html", rows=rows, total=total, page=page, pages=max(1, -(-total // page_size())), groups=groups,
        q=q, words=words, now=now(),
    )  # fmt: skip


@bp.get("/offers")
def offers() -> ResponseReturnValue:
    """Every offer that went out, without a person."""
    state, reason, page, q = _of("state", OFFERS), _of("reason", rules.REASONS), page_number(), _asked()
    rows, total = queries.offers_listed(state, reason, q, page, page_size())
    groups = [
        _group("state", _("状态"), state, OFFERS.items()),
        _group("reason", _("原因"), reason, ((code, offer_words.reason(code)) for code in rules.REASONS)),
    ]  # fmt: skip
    return render_template(
        "desk/offers.html", rows=rows, total=total, page=page, pages=max(1, -(-total // page_size())), groups=groups,
        q=q, words=offer_words,
    )  # fmt: skip


def _group(name: str, label: str, value: str, pairs: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "value": value, "options": [(code, str(word), None) for code, word in pairs]}
