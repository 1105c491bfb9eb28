"""What the demo prints once it runs: the address, who can sign in, what to try."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rongjiu.paths import default_data


def welcome(url: str, data: Path, personas: Sequence[Mapping[str, object]], took: float) -> Iterator[str]:
    """The lines, Chinese first; took is the time of the start in seconds."""
    yield f"\n融救联助演示 the demo of rongjiu: {url}   ({took:.1f} s)\n"
    for persona in personas:
        yield "  " + persona_line(persona, url)
    where = "" if data == default_data() else f"RONGJIU_DATA={data} "
    yield f"\n  动态口令 one-time codes (TOTP): {where}.venv/bin/flask demo totp 姓名"
    yield "\n可以先试三件事 three things to try:"
    yield f"  1. 社区工作人员登录，看四个支柱和「谁最该帮」 sign in as a community worker: {url}/"
    yield "     各种状态的转介示例在三学街社区，黄雁社区留给您从头走"
    yield f"     三学街专干 sees referrals in every state; 黄雁 is yours to fill: {url}/c/sanxuejie/desk/cases"
    yield f"  2. 在创建页输入「端履门」，看一个新社区会是什么样 found a community: {url}/join/"
    yield "  3. 右上角切换长者版和 English，手机宽度也能用 switch to elder mode and English on any page"
    yield f"\n按 Ctrl-C 停止，数据保留 Ctrl-C stops everything and keeps the data in {data}"


def persona_line(persona: Mapping[str, object], url: str) -> str:
    """One persona: name, roles, place, login and password, where to start; what is missing is left out."""
    roles = persona.get("roles") or ""
    words = [
        str(persona.get("name", "")),
        "、".join(map(str, roles)) if isinstance(roles, list) else str(roles),
        str(persona.get("community") or ""),
        " / ".join(str(persona[key]) for key in ("login", "password") if persona.get(key)),
    ]
    start = str(persona.get("start_url") or "")
    words.append(url + start if start.startswith("/") else start)
    return "  ".join(word for word in words if word)
