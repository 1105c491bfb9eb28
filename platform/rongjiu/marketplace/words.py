"""Words for the codes of the marketplace, as msgids; the door puts them into the reader's language."""

from collections.abc import Iterable


def N_(text: str) -> str:
    """Mark words for the catalogue."""
    return text


GROUPS = {
    "company": N_("店铺或企业"), "social_org": N_("社会组织或机构"), "volunteer_team": N_("志愿服务队"),
    "individual": N_("爱心个人"),
}  # fmt: skip
KINDS = {
    "barber": N_("理发店"), "catering": N_("餐馆、老年餐桌"), "supermarket": N_("超市、便利店"), "pharmacy": N_("药店"),
    "housekeeping": N_("家政"), "repair": N_("维修"), "delivery_station": N_("配送站"), "clinic": N_("诊所"),
    "hospital": N_("医院"), "community_health_centre": N_("社区卫生服务中心"), "tcm_hospital": N_("中医医院"),
    "nursing_hospital": N_("护理医院"), "eldercare_centre": N_("养老服务中心"), "bathing_service": N_("助浴服务"),
    "assistive_devices": N_("辅具租借"), "law_firm": N_("律师事务所"), "training_institution": N_("培训机构"),
    "academy": N_("书院"), "elder_university": N_("老年大学"), "family_education": N_("家庭教育"),
    "child_service": N_("儿童服务"), "disability_service": N_("助残服务"), "counselling_centre": N_("心理咨询"),
    "social_work_agency": N_("社工机构"), "community_development": N_("社区发展组织"), "digital_inclusion": N_("数字助老"),
    "rescue_centre": N_("救援促进中心"), "foundation": N_("基金会"), "community_fund": N_("社区基金"),
    "property_management": N_("物业"), "volunteer_team": N_("志愿者"), "school": N_("学校"), "employer": N_("用工单位"), "institution": N_("事业单位"),
    "resident_unit": N_("驻区单位"), "other": N_("其他"),
}  # fmt: skip
PRICES = {"free": N_("免费"), "cost_price": N_("成本价"), "discount": N_("优惠价"), "market": N_("市场价")}
MODES = {"at_home": N_("上门"), "on_site": N_("到店"), "online": N_("线上")}
PAPERS = {
    "licence": N_("营业执照或登记证书"), "permit": N_("行业许可证"), "insurance": N_("保险"), "identity": N_("本人身份证件"),
    "child_check": N_("涉未成年人违法犯罪记录查询结果"),
    "other": N_("其他"),
}  # fmt: skip
WEEKDAYS = {
    "MO": N_("周一"), "TU": N_("周二"), "WE": N_("周三"), "TH": N_("周四"), "FR": N_("周五"), "SA": N_("周六"), "SU": N_("周日"),
}  # fmt: skip


class Listed(str):
    """Words in a row, for a message; `msgids` lets the door say each in the reader's language."""

    msgids: tuple[str, ...]


def days_said(days: Iterable[str]) -> Listed:
    """Weekdays (MO … SU) as a row of words."""
    said = Listed("、".join(WEEKDAYS[day] for day in days))
    said.msgids = tuple(WEEKDAYS[day] for day in days)
    return said


LANGUAGES = {
    "shaanxi": N_("陕西话"), "henan": N_("河南话"), "sichuan": N_("四川话"), "sign": N_("手语"), "uyghur": N_("维吾尔语"),
    "english": N_("英语"),
}  # fmt: skip
"""What people of a provider may speak beside Mandarin."""
PARTS = {"morning": N_("上午"), "afternoon": N_("下午"), "evening": N_("晚上"), "all_day": N_("全天")}
STATES = {
    "draft": N_("填写中"), "applied": N_("待审核"), "under_review": N_("审核中"), "approved": N_("证照已通过"), "active": N_("已通过"),
    "suspended": N_("已暂停"), "expired": N_("证照到期"), "denied": N_("未通过"), "withdrawn": N_("已退出"),
}  # fmt: skip
TONES = {
    "draft": "muted", "applied": "warn", "under_review": "info", "approved": "info", "active": "ok", "suspended": "danger",
    "expired": "danger", "denied": "danger", "withdrawn": "muted",
}  # fmt: skip
"""Kind of chip for each state."""
ADMISSIONS = {
    "": N_("未准入"), "applied": N_("待准入"), "under_review": N_("在看准入"), "approved": N_("已同意，未开始"), "active": N_("已准入"),
    "suspended": N_("停止派单中"), "expired": N_("准入到期"), "denied": N_("未获准入"), "withdrawn": N_("已退出"),
}  # fmt: skip
"""How a community stands to a provider (admissions.rules.STATES)."""
MISSING = {
    "shop_name": N_("店名"), "shop_code": N_("统一社会信用代码"), "shop_phone": N_("联系电话"), "shop_street": N_("所在街道"),
    "paper": N_("营业执照(个人为身份证件)照片"), "paper_permit": N_("行业许可证照片"), "details": N_("这一类要填的资料"),
    "service": N_("至少一项服务"), "service_area": N_("每项服务的服务街道"),
}  # fmt: skip
"""What an application may lack (rules.missing)."""
