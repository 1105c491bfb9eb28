"""Open data of the marketplace in the words of HSDS 3.1: read only, without a login, under the narrowest role."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from rongjiu.db import Scope, enter
from rongjiu.marketplace.records import text

bp = Blueprint("hsds", __name__, url_prefix="/hsds")


class Malformed(Exception):
    """A parameter that cannot be read or is not served; answered 400, because leaving it out would answer more than
    was asked for."""


@bp.before_request
def _as_anyone() -> None:
    enter(Scope(role="app_public"))


@bp.after_request
def _for_anyone(response: Response) -> Response:
    """Programs of other origins may read it too; it is the same for everyone."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.errorhandler(Malformed)
def _malformed(error: Malformed) -> ResponseReturnValue:
    return said({"error": "bad_parameter", "parameter": str(error)}, 400)


def said(body: Any, status: int = 200) -> ResponseReturnValue:
    """An answer in JSON: a text that is JSON already, or values."""
    words = body if isinstance(body, str) else text(body)
    return words, status, {"Content-Type": "application/json; charset=utf-8"}
