"""The sheet of a survey as desk and grid show it: its questions in the reader's words, what was typed, what is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from flask import request
from flask_babel import gettext as _

from blueprints.forms import lazy
from blueprints.pages import language, named, proper
from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.surveys.questions import Question

SEVERAL = ("multi", "multi:special_groups", "multi:needs.categories", "ranked:needs.items")
PLACES = 3
"""How many needs are put in order; further ones are only ticked."""
ALOUD = lazy(
    "您好，我们是社区的，在做居民需求统计，想知道大家最需要什么帮助。回答只用于统计和帮扶，不对外公开；哪一题不想答都可以不答，"
    "以后也可以要求看、改、删。您同意吗？"
)  # fmt: skip


def worded(question: Question) -> Any:
    """A question in the reader's language; one that a community wrote in Chinese alone stays Chinese."""
    if language() == "en" and question["label_en"]:
        return question["label_en"]
    return proper(question["label_zh"])


def option_word(option: Mapping[str, str]) -> str:
    """An option in the reader's language."""
    return _(option["zh"]) if option["zh"] else ""


def offered(questions: Sequence[Question], *, every: bool = False) -> dict[str, list[tuple[str, str]]]:
    """Question → (value, words) of what may be chosen; `every` = retired ones too, to read old answers."""
    model = {
        "multi:special_groups": catalogue.groups, "multi:needs.categories": catalogue.need_categories,
        "ranked:needs.items": catalogue.need_items,
    }  # fmt: skip
    found: dict[str, list[tuple[str, str]]] = {}
    for each in questions:
        if each["type"] in model:
            found[each["id"]] = [(row["id"], named(row)) for row in model[each["type"]](every=every)]
        elif each["type"] == "bool":
            found[each["id"]] = [("yes", _("是")), ("no", _("否"))]
        else:
            found[each["id"]] = [(option["id"], option_word(option)) for option in each["options"]]
    return found


def given(questions: Sequence[Question]) -> dict[str, Any]:
    """What the request says of each question; ranked needs with the named places first."""
    form = request.form
    found: dict[str, Any] = {"no_need": form.get("no_need", "")}
    for each in questions:
        name = each["id"]
        if each["type"] == "ranked:needs.items":
            places = [form.get(f"{name}-{n}", "") for n in range(1, PLACES + 1)]
            found[name] = list(dict.fromkeys(value for value in [*places, *form.getlist(name)] if value))
        elif each["type"] in SEVERAL:
            found[name] = form.getlist(name)
        else:
            found[name] = form.get(name, "")
    return found


def said(questions: Sequence[Question], answers: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Pairs of question and answer in words, for reading one sheet by the form it was given under."""
    words = offered(questions, every=True)
    found = []
    for each in questions:
        value = answers.get(each["id"])
        if each["type"] in ("ref:courtyards",) or value is None:
            continue
        named_by = dict(words[each["id"]])
        if isinstance(value, list):
            value = "、".join(str(named_by.get(code, code)) for code in value)
        elif each["type"] == "consent":
            value = _("同意")
        else:
            value = named_by.get(value, value)
        found.append((worded(each), value))
    return found


def key() -> UUID:
    """The sheet's own key, so that sending it twice is one answer."""
    try:
        return UUID(request.form.get("client_key", ""))
    except ValueError:
        return uuid4()


def wrong(refused: Refused) -> dict[str, str]:
    """A refusal by its field, after undoing what was written; a 404 is raised on."""
    if refused.status == 404:
        raise refused
    db.session.rollback()
    return {refused.field or "": _(refused.message, **refused.words)}
