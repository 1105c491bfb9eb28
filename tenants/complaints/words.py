"""Words for what a complaint is about, as msgids; each door puts them into the reader's language."""

from rongjiu.codes import N_

CATEGORIES = {
    "late": N_("不守时、没来"), "rude": N_("态度不好"), "price": N_("收费和说好的不一样"), "quality": N_("做得不好"),
    "unsafe": N_("不安全"), "sales": N_("推销"), "privacy": N_("泄露隐私"), "money": N_("索要钱物"), "other": N_("其他"),
}  # fmt: skip
