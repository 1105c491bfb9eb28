"""Every word of the app on the phone, in the reader's language; the phone keeps them, so both languages work offline."""

from flask_babel import gettext as _

from tenants.residents.rules import GENDERS, RELATIONS
from tenants.sweeps import rules


def words() -> dict[str, str]:
    """Key → words. `{n}` and other names in braces are filled in on the phone."""
    return _pages() | _doors() | _sweeps() | _sending() | _leaving()


def _pages() -> dict[str, str]:
    return {
        "today": _("今日"), "yards": _("院落"), "report": _("上报"), "me": _("我的"),
        "back": _("返回"), "save": _("记下"), "again": _("重试"),
        "empty_today": _("今天没有要上门的"), "empty_today_text": _("有新的核实任务会出现在这里。路上听到的话，可以上报。"),
        "empty_yards": _("还没有分配院落"), "empty_yards_text": _("请社区书记在“人员”里分配。"),
        "no_homes": _("还没有登记的家庭。"), "no_data": _("手机里还没有资料"),
        "no_data_text": _("请在有信号的地方打开一次，今天的门户会存到手机里。"),
        "old": _("超过 {n} 天没有联网，住户资料已从手机上清掉；待上传的还在。请连网后再打开。"),
        "dials": _("一键拨号要复测"), "visits": _("要上门的"), "doors_todo": _("摸排：还没走到的门"), "revisit": _("再访"),
        "evening": _("上次白天没人，试试晚上"), "late": _("已超期"), "before": _("{when} 前"),
        "first_visit": _("上门核实"), "worker_visit": _("例行探访"), "urgent": _("紧急"), "critical": _("急难"), "more_doors": _("还有 {n} 户，在“院落”里看全部"),
        "no_number": _("门牌未记"), "people_n": _("{n} 人"), "plain_page": _("网页版"),
        "more": _("称呼、电话、照片"), "gone": _("这一项不在手机里了，可能已经处理完。"), "comma": _("、"),
        "insecure": _("这个地址不是加密连接，手机里不能存资料。请用 https 打开，或用网页版。"),
    }  # fmt: skip


def _doors() -> dict[str, str]:
    relations = {f"relation_{code}": _(word) for code, word in RELATIONS.items()}
    genders = {f"gender_{code}": _(word) for code, word in GENDERS.items()}
    return relations | genders | {
        "age": _("{n} 岁"), "members": _("家庭成员"), "nobody_known": _("还没有登记的人。"),
        "wish": _("记心愿"), "hardship": _("报困难"), "wish_words": _("心愿，用原话"), "hardship_words": _("看到、听到什么"),
        "yard": _("院落"), "urgency": _("紧急程度"), "ordinary": _("一般"), "caller": _("称呼"), "phone": _("电话"),
        "optional": _("（选填）"), "photo": _("拍照"), "photo_help": _("照片会缩小，去掉拍摄地点，再加密存好。"),
        "photos_n": _("已拍 {n} 张"), "photo_bad": _("这张照片读不出来，请重新拍一张。"),
        "must_words": _("请写下听到的话。"), "must_yard": _("请选择院落。"), "saved": _("已记下，待上传 {n}"),
        "visit_met": _("见到了，记下"), "visit_missed": _("没有见到人"), "visit_note": _("见到谁、情况怎样"),
        "first_online": _("第一次上门要登记全家、读同意书，请用网页版登记（要有信号）。"), "first_open": _("开始上门"),
        "correct": _("更正"), "only_changed": _("只填要改的；空着的不变。"),
        "name": _("姓名"), "gender": _("性别"), "relation": _("与户主关系"), "birth_date": _("出生日期"),
        "condition": _("身体情况"), "status": _("现在怎样"), "unchanged": _("不变"), "status_here": _("住在这里"),
        "status_moved": _("已搬走"), "status_died": _("已去世"), "nothing_typed": _("还没有填要改的内容。"),
        "draft_back": _("上次没写完的内容还在，接着写就行。"), "draft_drop": _("不要了"),
    }  # fmt: skip


def _sweeps() -> dict[str, str]:
    lists = (("hs", rules.HARDSHIPS), ("lr", rules.LEAK_REASONS), ("rk", rules.RISKS))
    return {f"{mark}_{code}": _(word) for mark, words in lists for code, word in words.items()} | {
        "tries_n": _("来过 {n} 次"), "doors_open": _("{n} 户没走到"), "to_do": _("没走到"), "to_sweep": _("去摸排"),
        "all_met": _("都在家，都见到了"), "nobody_home": _("没人在家"), "one_by_one": _("逐人登记"),
        "result_deferred": _("改天再来"), "result_refused": _("不愿意"), "result_moved": _("搬走了"),
        "result_vacant": _("空房"), "how": _("见到了吗"), "how_seen": _("见到了"), "how_told": _("家里人说的"),
        "how_away": _("上班上学不在家"), "how_hospital": _("住院"), "how_moved": _("已搬走"), "how_died": _("已去世"),
        "how_unasked": _("还没问到"), "more_of_person": _("困难和政策"), "hardships": _("有什么困难"),
        "leak": _("政策"), "leak_yes": _("可能该享受的没享受"), "leak_reason": _("为什么没享受"), "new_door": _("名单上没有的一户"),
        "must_room": _("请写室号。"), "building": _("楼"), "unit": _("单元"), "room": _("室"), "add_person": _("再加一人"),
        "new_person": _("新见到的人"), "not_said": _("没有说"), "age_word": _("年龄"), "note": _("补充说明"),
        "contact_fold": _("紧急联系人、一键拨号"), "contact_kind": _("紧急联系人是"), "contact_family": _("家人"),
        "contact_neighbour": _("邻居"), "contact_name": _("联系人怎么称呼"), "contact_phone": _("联系人电话"),
        "risks": _("家里的隐患"), "more_of_door": _("心愿、隐患、照片"),
    }  # fmt: skip


def _sending() -> dict[str, str]:
    return {
        "waiting": _("待上传 {n}"), "sent_items": _("要看一眼的"),
        "sync_now": _("现在上传"), "syncing": _("正在上传…"), "last_sync": _("上次同步"), "never": _("还没有"),
        "homes_kept": _("手机里存了"), "homes_n": _("{n} 户"), "space": _("占用空间"), "all_sent": _("都已上传。"),
        "offline": _("现在没有网络。记的都加密存在手机里，有信号自动上传。"), "login_again": _("请重新登录，{n} 条待上传都在。"),
        "login": _("去登录"), "switch_post": _("您现在在别的岗位，请换回网格员岗位再上传，{n} 条待上传都在。"),
        "switch": _("换一个岗位"), "ended": _("您的网格员岗位已停用。{n} 条待上传会交给社区核对，不会丢。"),
        "handed_in": _("岗位已停用，记的已交社区核对。"), "try_later": _("这次没有传完，剩 {n} 条，过一会儿自动再传。"),
        "state_waiting": _("待上传"), "state_applied": _("已上传"), "state_same": _("已上传"),
        "state_conflict": _("两边不一样，已交社区核对"), "state_held": _("已交社区核对"), "state_refused": _("没有收下"),
        "edit": _("改一改"), "drop": _("丢掉"), "drop_sure": _("丢掉这一条？丢掉就找不回来了。"), "seen": _("知道了"),
        "kind_wish": _("心愿"), "kind_hardship": _("上报困难"), "kind_visit_done": _("上门签到"),
        "kind_visit_missed": _("上门没见到人"), "kind_person_fields": _("更正家庭成员"), "kind_photo": _("照片"),
        "kind_sweep_stop": _("摸排"), "kind_sweep_new_door": _("新的一户"), "kind_one_touch": _("一键拨号"), "one_touch": _("一键拨号"), "touch_taught": _("教会了"), "touch_works": _("试了，通了"), "touch_fails": _("试了，没通"), "kind_other": _("一条记录"), "kind_draft": _("没写完的"),
    }  # fmt: skip


def _leaving() -> dict[str, str]:
    return {
        "install": _("放到桌面"), "install_text": _("放到手机桌面，没有信号也能打开。"),
        "install_how": _("在浏览器菜单里选“添加到主屏幕”，没有信号也能打开。"), "on_phone": _("这部手机"),
        "clear": _("清掉手机里的资料"), "clear_sure": _("清掉手机里存的住户资料？待上传的不会清。"), "cleared": _("已清掉。"),
        "logout": _("退出"),
        "logout_waiting": _("还有 {n} 条没有上传：{what}。现在退出，这些就没有了。还要退出吗？"),
        "logout_sure": _("再问一次：退出后 {n} 条会从手机上抹掉，谁也找不回来。真的退出？"),
    }  # fmt: skip
