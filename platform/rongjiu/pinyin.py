"""Chinese text made searchable and sortable: pinyin keys, initials, bigrams."""

import re
import unicodedata
from functools import lru_cache

# Characters that sound otherwise as a surname; pypinyin gives their common reading. Compounds win.
_READINGS = """
    万俟 mo qi; 尉迟 yu chi; 单于 chan yu; 澹台 tan tai; 长孙 zhang sun; 乐正 yue zheng;
    单 shan; 仇 qiu; 曾 zeng; 解 xie; 查 zha; 区 ou; 朴 piao; 盖 ge; 翟 zhai; 乐 yue; 覃 qin; 缪 miao;
    折 she; 繁 po; 秘 bi; 洗 xian; 黑 he; 员 yun; 贠 yun; 隗 wei; 牟 mu; 薄 bo; 郇 xun; 能 nai;
    召 shao; 祭 zhai; 种 chong; 句 gou
"""
SURNAMES = {words[0]: tuple(words[1:]) for entry in _READINGS.split(";") if (words := entry.split())}


def _clean(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def _parts(text: str, person: bool) -> list[tuple[str, bool]]:
    """Syllables (True) and runs of Latin letters or digits (False), in order; blanks and signs fall out."""
    from pypinyin import lazy_pinyin  # 0.3-0.7 s to import, and most requests never sort or search

    clean, found = _clean(text), list[tuple[str, bool]]()
    if person and (reading := SURNAMES.get(clean[:2]) or SURNAMES.get(clean[:1])):
        found, clean = [(syllable, True) for syllable in reading], clean[len(reading) :]
    for run in re.findall(r"[a-z0-9]+|[^\W_a-z0-9]+", clean):
        if run.isascii():
            found.append((run, False))
        else:  # a given name is no phrase: each character by itself, and each only once in a process
            found += [(syllable, True) for syllable in (map(_syllable, run) if person else lazy_pinyin(run))]
    return found


@lru_cache(maxsize=16384)
def _syllable(sign: str) -> str:
    from pypinyin import lazy_pinyin  # 0.3-0.7 s to import, and most requests never sort or search

    return str(lazy_pinyin(sign)[0])


def key(text: str, *, person: bool = False) -> str:
    """Full pinyin in one word for sorting and searching (端履门 → duanlvmen); person=True reads a surname as one."""
    return "".join(part for part, _ in _parts(text, person))


def initials(text: str, *, person: bool = False) -> str:
    """First letters (黄雁社区 → hysq); runs of Latin letters and digits stay whole."""
    return "".join(part[:1] if spoken else part for part, spoken in _parts(text, person))


def spellings(text: str, *, person: bool = False) -> tuple[str, ...]:
    """What somebody may type for a text: full pinyin, the same with u for ü (duanlumen), initials; each once."""
    full = key(text, person=person)
    return tuple(dict.fromkeys((full, full.replace("lv", "lu").replace("nv", "nu"), initials(text, person=person))))


def bigrams(text: str) -> tuple[str, ...]:
    """Each pair of neighbouring characters once, for the `text[]` search column; a lone character stands alone."""
    found: dict[str, None] = {}
    for run in re.findall(r"\w+", _clean(text)):
        for start in range(max(len(run) - 1, 1)):
            found.setdefault(run[start : start + 2])
    return tuple(found)
