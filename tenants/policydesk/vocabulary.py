"""The closed lists of the policy desk: facts, lines, papers, places, and the words of their values."""

from rongjiu.codes import N_
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import queries as catalogue
from tenants.policydesk.cells import Words

OPTIONS = {
    "household.recognised": {
        "none": N_("未认定"), "tekun": N_("特困"), "dibao": N_("低保"), "dibao_margin": N_("低保边缘"),
        "rigid_expense": N_("刚性支出困难"),
    },
    "person.gender": {"male": N_("男"), "female": N_("女")},
    "person.disability_type": {
        "none": N_("无"), "visual": N_("视力"), "hearing": N_("听力"), "speech": N_("言语"), "physical": N_("肢体"),
        "intellectual": N_("智力"), "mental": N_("精神"), "multiple": N_("多重"),
    },
    "person.self_care": {"full": N_("能自理"), "partial": N_("部分自理"), "none": N_("不能自理")},
    "person.student_stage": {
        "none": N_("不在读"), "preschool": N_("学前"), "compulsory": N_("义务教育"), "highschool": N_("普通高中"),
        "vocational": N_("中职"), "college": N_("高校"),
    },
}  # fmt: skip
"""Fact → value → word, of facts that have a list of values."""


def words() -> Words:
    """The lists of the community in force."""
    facts = {row["id"]: row for row in read_pack()["eligibility_fields"]["fields"]}
    return Words(facts, {row["id"]: row for row in catalogue.parameters()}, OPTIONS)
