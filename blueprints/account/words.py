"""Roles and browsers in words."""

from flask_babel import gettext as _

from blueprints.forms import lazy

ROLES = {
    "operator": lazy("平台运营"), "district_overseer": lazy("区级督导"), "street_overseer": lazy("街道督导"),
    "street_acceptance": lazy("一门受理"), "street_vetting": lazy("街道审核"), "secretary": lazy("社区书记"),
    "assistance_clerk": lazy("救助专干"), "community_worker": lazy("社区工作者"), "grid_worker": lazy("网格员"),
    "live_desk": lazy("直播台"), "volunteer_lead": lazy("志愿队长"), "volunteer": lazy("志愿者"),
    "provider_owner": lazy("服务方负责人"), "provider_staff": lazy("服务方员工"),
}  # fmt: skip


def browser(agent: str) -> str:
    """What a person recognises of a browser's self-description: program and device."""
    programs = (
        ("MicroMessenger", _("微信")), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    )  # fmt: skip
    devices = (
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", _("安卓手机")), ("Windows", "Windows"), ("Mac", "Mac"),
        ("Linux", "Linux"),
    )  # fmt: skip
    found = [next((str(word) for mark, word in marks if mark in agent), "") for marks in (programs, devices)]
    return " · ".join(word for word in found if word) or _("其他浏览器")
