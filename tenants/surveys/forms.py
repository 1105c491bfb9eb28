"""The survey form in versions: the pack's is the first, each edit of the community is one more, none ever changes."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import Form
from tenants.surveys import questions as rules
from tenants.surveys.models import SurveyForm
from tenants.surveys.questions import Question

PACK_FORM = "needs-survey"


def latest() -> int:
    """The number of the newest version; 0 while the pack's form has not been taken up yet."""
    return db.session.scalar(select(func.max(SurveyForm.version))) or 0


def version(number: int) -> list[Question]:
    """The questions of a version; 0 = those of the pack. Raises Absent."""
    if number == 0:
        return _of_pack()
    found = db.session.scalar(select(SurveyForm.questions).where(SurveyForm.version == number))
    if found is None:
        raise Absent("没有这一版表单。")
    return list(found)


def versions() -> list[Any]:
    """number, when, who and what changed, the newest first."""
    f = SurveyForm
    return list(db.session.execute(select(f.version, f.made_at, f.actor, f.note).order_by(f.version.desc())))


def first() -> int:
    """Take up the pack's form as version 1 if there is none yet; answers the newest version."""
    number = latest()
    return number or _save(0, _of_pack(), "", by_pack=True)


def add(seen: int, words: Question) -> int:
    """Add a question of the community's own before the consents; answers the new version.

    `seen` is the version that the editor saw. Raises Clash when another was faster, Refused naming the input.
    """
    rows = _current(seen)
    question = {
        **_question(words), "id": f"own-{uuid7().hex[-8:]}", "sensitive": bool(words.get("sensitive")), "core": False,
    }  # fmt: skip
    if question["type"] not in rules.OWN_TYPES:
        raise Refused("请选一种题型。", field="type")
    rules.lint(question)
    at = next((n for n, row in enumerate(rows) if row["type"] == "consent"), len(rows))
    return _save(seen, [*rows[:at], question, *rows[at:]], f"add|{question['label_zh']}")


def change(seen: int, question_id: str, words: Question) -> int:
    """Word a question anew, its options, whether it must be answered, what it is for; its type and id stay.

    Options keep their ids by their place in words, so that old answers still read. Raises as `add`, and Absent.
    """
    rows = _current(seen)
    old = _one(rows, question_id)
    new = {**old, **_question({**words, "type": old["type"]})}
    if old["type"] not in ("select", "multi"):
        new["options"] = old["options"]
    else:
        new["options"] = _kept(old["options"], new["options"])
    new["required"] = True if old["core"] else bool(words.get("required"))
    rules.lint(new)
    if new == old:
        return seen
    return _save(seen, [new if row is old else row for row in rows], f"change|{new['label_zh']}")


def remove(seen: int, question_id: str) -> int:
    """Ask a question no more; raises Refused for one the count stands on, Absent, Clash."""
    rows = _current(seen)
    old = _one(rows, question_id)
    return _save(seen, [row for row in rows if row is not old], f"remove|{old['label_zh']}")


def move(seen: int, question_id: str, step: int) -> int:
    """Ask a question one place earlier (-1) or later (+1); raises Absent, Clash."""
    rows = _current(seen)
    at = rows.index(_one(rows, question_id))
    to = at + step
    if not 0 <= to < len(rows):
        return seen
    rows[at], rows[to] = rows[to], rows[at]
    return _save(seen, rows, f"move|{rows[to]['label_zh']}")


def _current(seen: int) -> list[Question]:
    number = first()
    if seen != number:
        raise Clash("表单刚刚有人改过，请看过新的一版再改。")
    return version(number)


def _one(rows: list[Question], question_id: str) -> Question:
    found = next((row for row in rows if row["id"] == question_id), None)
    if found is None:
        raise Absent("没有这一题。")
    return found


def _question(words: Question) -> Question:
    labels = list(dict.fromkeys(line.strip()[:40] for line in words.get("options", ()) if line.strip()))
    return {
        "label_zh": words.get("label_zh", "").strip(), "label_en": words.get("label_en", "").strip(),
        "type": words.get("type", ""), "required": bool(words.get("required")),
        "purpose": words.get("purpose", "").strip()[:100],
        "options": [{"id": f"o{n}", "zh": label, "en": ""} for n, label in enumerate(labels, 1)],
    }  # fmt: skip


def _kept(old: list[dict[str, str]], new: list[dict[str, str]]) -> list[dict[str, str]]:
    """Options whose words stay keep their id; new words get ids that no option had."""
    ids = {each["zh"]: each for each in old}
    taken = {each["id"] for each in old}
    found = []
    for each in new:
        if each["zh"] in ids:
            found.append(ids[each["zh"]])
            continue
        n = 1
        while f"o{n}" in taken:
            n += 1
        taken.add(f"o{n}")
        found.append({**each, "id": f"o{n}"})
    return found


def _of_pack() -> list[Question]:
    content = db.session.scalar(select(Form.content).where(Form.slug == PACK_FORM))
    if content is None:
        raise Refused("本社区的模型里没有需求统计表，请先克隆模型。", status=404)
    return rules.of_pack(content)


def _save(seen: int, rows: list[Question], note: str, *, by_pack: bool = False) -> int:
    rules.whole(rows)
    actor = current_actor()
    row = SurveyForm(
        id=uuid7(), version=seen + 1, questions=rows, made_at=now(), actor_id=None if by_pack else actor.account_id,
        actor="" if by_pack else actor.name, note=note,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Clash("表单刚刚有人改过，请看过新的一版再改。") from error
    audit.record("survey.form", "survey_form", row.id, version=row.version)
    return row.version


def choices() -> rules.Choices:
    """What the questions on groups, categories and items offer now: what is not retired."""
    return rules.Choices(
        [row["id"] for row in catalogue.groups()], [row["id"] for row in catalogue.need_categories()],
        [row["id"] for row in catalogue.need_items()],
    )  # fmt: skip
