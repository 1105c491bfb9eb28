"""/c/<slug>/check: a quick self-check without an account. One question a page; the answers travel in a signed field of
the form, and nothing of them stays on the server or stands in an address."""

import json
from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from blueprints.public.door import bp
from blueprints.security import limiter
from rongjiu.db import as_role
from tenants.acceptance import service as acceptance
from tenants.founding import checking, shown

STEPS = "200 per hour; 60 per minute"
"""Pages of the check, per address: a family answers a dozen."""


@bp.route("/c/<slug>/check", methods=["GET", "POST"])
@limiter.limit(STEPS, methods=["POST"])
def check() -> ResponseReturnValue:
    """The next question, or what may fit."""
    with as_role("app_public"):
        return _page(_given())


def _given() -> checking.Given:
    """The answers so far with the one just given; 返回 takes the last one away. What nobody signed is no answer."""
    if request.method != "POST":
        return ()
    try:
        given = checking.valid(json.loads(_signer().loads(request.form.get("so_far", ""))))
    except (BadSignature, ValueError):
        given = ()
    if request.form.get("back"):
        return given[:-1]
    question, choice = request.form.get("question", ""), request.form.get("choice", "")
    return checking.valid([*given, (question, choice)]) if checking.known(question, choice) else given


def _page(given: checking.Given) -> str:
    verdicts = checking.judge(given)
    question = None if request.form.get("enough") else checking.following(given, verdicts)
    so_far = _signer().dumps(json.dumps(given))
    here = shown.community()
    if question is not None:
        missed = request.method == "POST" and not request.form.get("back") and bool(request.form.get("question"))
        missed = missed and request.form.get("question") == question.id
        return render_template(
            "public/check.html", question=question, so_far=so_far, n=len(given) + 1, most=checking.MOST, it=here,
            missed=missed, unsure=checking.UNSURE,
        )  # fmt: skip
    return render_template(
        "public/check_result.html", found=checking.found(verdicts), so_far=so_far, it=here, desks=shown.desks(),
        papers=_papers, sudden=("sudden", "yes") in given,
    )  # fmt: skip


def _papers(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return acceptance.papers_of(policy)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="self-check")
