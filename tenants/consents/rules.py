"""Who may consent to what for whom. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from rongjiu.codes import N_
from tenants.residents.rules import is_minor, speaks_for_self

FIELDS = ("name", "age", "address", "phone", "phone_of_guardian", "care_need")
"""What a receiver may be given, each ticked separately."""
GROUNDS: tuple[tuple[str, str, str], ...] = (
    (N_("走访登记:姓名、年龄、住址、电话"), N_("法定职责"), N_("社区救助与基层治理的职责")),
    (N_("健康、收入等敏感信息"), N_("同意"), N_("单独勾选,个人信息保护法第 29 条")),
    (N_("交一门受理和部门的材料"), N_("法定职责"), N_("社会救助的申请与办理")),
    (N_("提供给一家服务方"), N_("同意"), N_("单独勾选,个人信息保护法第 23 条")),
    (N_("公开帮扶故事"), N_("同意"), N_("单独勾选,个人信息保护法第 25 条")),
)
"""Each set of data, the ground on which it is handled, and where the ground comes from."""
NOTICE = "2026-11"
"""Version of the notice read out before a consent; kept on the row."""


@dataclass(frozen=True, slots=True)
class Giving:
    """A consent about to be given, as far as its rules ask."""

    scope: str
    age: int | None
    """Of the person it is about; None when nobody knows."""
    giver_age: int | None
    same_person: bool
    guardian: bool
    how: str
    paper: bool
    """A witness is named or a photograph of the paper is kept."""
    receiver: bool
    fields: Collection[str]


def fault(giving: Giving) -> tuple[str, str] | None:
    """What stands against a consent: field and words, or None."""
    guarded = not speaks_for_self(giving.age)
    if giving.scope == "share_with_provider" and not giving.receiver:
        return "provider_id", N_("请选择提供给谁。")
    if giving.scope == "share_with_provider" and not giving.fields:
        return "fields", N_("请勾选可以提供的内容,至少一项。")
    if set(giving.fields) - set(FIELDS):
        return "fields", N_("勾选的内容不在可提供的范围内。")
    if guarded and (giving.same_person or not giving.guardian):
        return "given_by_id", N_("未满 14 周岁,须由监护人同意。请选择监护人并勾选“本人是监护人”。")
    if giving.scope == "publish_story" and is_minor(giving.age):
        return "person_id", N_("未成年人不公开故事和照片。")
    if giving.guardian and is_minor(giving.giver_age):
        return "given_by_id", N_("监护人须年满 18 周岁。")
    if not guarded and not giving.same_person and not (giving.guardian and giving.how == "paper" and giving.paper):
        return "given_by_id", N_("成年人由本人同意;代为同意须有书面委托或监护证明,并写明见证人或附照片。")
    return None
