"""Which level owns a line, and who may speak for it. Pure."""

import unicodedata

from rongjiu.codes import N_

LEVELS = ("nation", "province", "city", "district", "street")
"""From the highest down; any may be empty."""
PLACES = ("district", "street")
WORDS = {
    "nation": N_("国家"), "province": N_("省"), "city": N_("市"), "district": N_("区"), "street": N_("街道"),
    "community": N_("社区"),
}  # fmt: skip
SPEAKS = {"district": ("nation", "province", "city", "district"), "street": ("street",)}
"""Kind of office → the levels whose documents it passes down: the district stands for all above it."""


def rank(level: str) -> int:
    """0 = the highest."""
    return LEVELS.index(level)


def number(text: str) -> str:
    """A document number as it is compared: half-width, without spaces, one kind of brackets."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for sign in "〔[【（":
        plain = plain.replace(sign, "(")
    for sign in "〕]】）":
        plain = plain.replace(sign, ")")
    return plain
