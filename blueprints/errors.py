"""Error pages: what happened, who can act, what remains possible; in words, never a stack trace."""

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog import get_logger
from werkzeug.exceptions import HTTPException

from blueprints.guard import absent
from rongjiu.db import db
from rongjiu.errors import Refused

log = get_logger()


def init_app(app: Flask) -> None:
    """Map every refusal and failure to a page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _database)
    app.register_error_handler(500, _crash)


def _page(status: int, title: str, text: str) -> ResponseReturnValue:
    words = {"title": title, "text": text, "status": status, "request_id": g.get("request_id", "")}
    return render_template("error.html", **words), status


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error
    db.session.rollback()
    if error.code == 404:
        absent()
        return _page(404, _("这里没有内容"), _("地址可能打错了,或者您的岗位看不到这一页。请回到首页,或打社区电话。"))
    if error.code == 429:
        return _page(429, _("请稍等一会儿"), _("刚才提交得太快。请过几分钟再试,已填写的内容还在。"))
    if error.code == 413:
        return _page(413, _("文件太大"), _("请拍小一点,或分几张上传。每个文件不超过 10 MB。"))
    if error.code == 400:
        return _page(400, _("这一页放得太久了"), _("请返回上一页、刷新后再提交,已填写的内容还在。"))
    return _page(error.code or 500, _("没有办成"), _("请返回上一页再试;还不行,请打社区电话。"))


def _refused(error: Refused) -> ResponseReturnValue:
    db.session.rollback()
    if error.status == 404:
        absent()
        return _page(
            404,
            _("这里没有内容"),
            _(error.message, **error.words)
            if error.message
            else _("地址可能打错了,或者您的岗位看不到这一页。请回到首页,或打社区电话。"),
        )
    return _page(error.status, _("没有办成"), _(error.message, **error.words))


def _database(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
    if isinstance(error, DBAPIError) and not isinstance(error, OperationalError) and not error.connection_invalidated:
        raise error
    return _away()


def _away() -> ResponseReturnValue:
    g.away = True  # the page must not ask the database who reads it
    log.warning("database away", path=request.endpoint)
    text = _("系统正在恢复,请 5 秒后再试。已填写的内容还在。")
    words = {"title": _("请稍等"), "text": text, "status": 503, "request_id": g.get("request_id", "")}
    return render_template("away.html", **words), 503, {"Retry-After": "5"}


def _crash(error: BaseException) -> ResponseReturnValue:
    cause = getattr(error, "original_exception", None) or error
    if isinstance(cause, OperationalError | PoolTimeout):
        return _away()
    g.away = True
    log.error("crash", path=request.endpoint, exc_info=cause)
    words = {
        "title": _("系统出错了"),
        "text": _("没有保存任何改动。请稍后再试;还不行,请把下面的编号告诉我们。"),
        "status": 500,
        "request_id": g.get("request_id", ""),
    }
    return render_template("away.html", **words), 500
