"""The columns of a policy beside its conditions: words for what may stand in a cell, and back to the inputs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rongjiu.codes import N_
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import queries as catalogue
from tenants.policydesk import benefits, checking
from tenants.policydesk.cells import Fault, Words, half
from tenants.policydesk.checking import LISTS
from tenants.policydesk.models import PolicyDraft
from tenants.policydesk.vocabulary import words

HEADS = {
    "name_en": N_("英文名称"), "gives_zh": N_("给什么"), "gives_en": N_("给什么（英文）"), "benefit_kind": N_("待遇"),
    "amount_param": N_("金额标准"), "period": N_("发放周期"), "banded_by": N_("按什么分档"), "bands": N_("分档"),
    "department_id": N_("部门"), "help_class": N_("类别"), "scope": N_("对象"), "document_ids": N_("材料"),
    "apply_at": N_("在哪里办"), "working_days": N_("办理时限（工作日）"), "effective_from": N_("施行"),
    "effective_to": N_("停止"), "source_title": N_("依据的文件"), "source_number": N_("文号"), "source_date": N_("文件日期"),
}  # fmt: skip
COLUMNS = ("name_zh", *HEADS)
CLASSES = {
    "basic_living": N_("基本生活救助"), "special": N_("专项救助"), "emergency": N_("急难社会救助"), "welfare": N_("社会福利"),
}  # fmt: skip
SCOPES = {"household": N_("按家庭"), "person": N_("按个人")}
BETWEEN = "；"
"""Names of papers hold a 、 themselves."""
_PARTS = re.compile("[；;]")
SOURCES = ("source_title", "source_number", "source_date")


@dataclass(frozen=True)
class Lists:
    """Column → code → word, of columns that choose from a list."""

    lists: Mapping[str, Mapping[str, str]]
    words: Words

    @classmethod
    def here(cls) -> "Lists":
        """The lists of the community in force."""
        pack, known = read_pack()["policies"], words()
        named = {
            "department_id": catalogue.departments(), "document_ids": pack["documents"], "apply_at": pack["apply_at"],
        }  # fmt: skip
        found = {column: {row["id"]: str(row["name_zh"]) for row in rows} for column, rows in named.items()}
        found |= {"benefit_kind": benefits.KINDS, "period": benefits.PERIODS, "help_class": CLASSES, "scope": SCOPES}
        facts = {slug: str(row["name_zh"]) for slug, row in known.facts.items() if row["type"] in ("number", "enum")}
        return cls({**found, "banded_by": facts}, known)

    def shown(self, content: Mapping[str, Any], draft: PolicyDraft | None) -> dict[str, str]:
        """The cells of one policy."""
        said: dict[str, Any] = {name: content.get(name) or "" for name in HEADS}
        said |= benefits.shown(content, self.words)
        said["bands"] = said["bands"].replace("\n", "；")
        if said["amount_param"] in self.words.parameters:
            said["amount_param"] = f"@{self.words.parameters[said['amount_param']]['name_zh']}"
        said["working_days"] = checking.days_of(content)
        if draft:
            said |= {"source_title": draft.source_title, "source_number": draft.source_number}
            said["source_date"] = draft.source_date.isoformat() if draft.source_date else ""
        for name, options in self.lists.items():
            value = said[name]
            said[name] = BETWEEN.join(
                options.get(each, each) for each in (value if isinstance(value, list) else [value])
            )
        return said

    def read(self, line: int, typed: Mapping[str, str], faults: list[Fault]) -> dict[str, Any]:
        """The inputs of one line; a word that is on no list is a fault with what may stand there."""
        found: dict[str, Any] = dict(typed)
        for name, options in self.lists.items():
            codes = {half(word): code for code, word in options.items()} | {code: code for code in options}
            many = name in LISTS
            parts = [part.strip() for part in (_PARTS.split(typed[name]) if many else [typed[name]])]
            chosen = [codes.get(half(part), "") for part in parts if part]
            if "" in chosen:
                wrong = next(part for part in parts if part and half(part) not in codes)
                faults.append(Fault(line, name, "没有“%(text)s”，请从列表里选。", {"text": wrong[:40]}, tuple(options.values())))  # fmt: skip
                del found[name]
            else:
                found[name] = chosen if many else (chosen or [""])[0]
        if not any(typed[name] for name in SOURCES):
            for name in SOURCES:
                del found[name]
        return found
