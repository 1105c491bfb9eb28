"""Forms of founding a community, one question a page."""

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from blueprints.forms import Form, chosen, lazy, options, required

POSTS = [
    ("secretary", lazy("社区书记")), ("director", lazy("社区主任")), ("worker", lazy("社区工作者")),
    ("street", lazy("街道工作人员")),
]  # fmt: skip
ROLES = [
    ("assistance_clerk", lazy("救助专干")), ("community_worker", lazy("社区工作者")), ("grid_worker", lazy("网格员")),
    ("live_desk", lazy("直播台")), ("volunteer_lead", lazy("志愿队长")), ("secretary", lazy("社区书记（副手）")),
]  # fmt: skip


class PhoneForm(Form):
    """Where to send a code."""

    address = TelField(lazy("手机号"), [required(lazy("请填手机号"))])


class CodeForm(Form):
    """The code that came."""

    code = StringField(lazy("短信验证码"), [required(lazy("请填六位验证码"))])


class AccountForm(Form):
    """Who founds; only for somebody without an account."""

    name = StringField(lazy("您的姓名"), [required(lazy("请填姓名")), Length(max=40, message=lazy("最多 40 个字"))])
    password = PasswordField(lazy("设一个密码"), [required(lazy("请填密码"))])


class BeginForm(Form):
    """The founder's post."""

    post = RadioField(lazy("您的岗位"), [chosen()], choices=options(POSTS))


class ListedForm(Form):
    """One community of the register."""

    code = HiddenField(lazy("社区"), [required(lazy("请先选一个社区"))])
    sure = BooleanField(lazy("我问过了，确认由我来建站"))


class FreeForm(Form):
    """A community that the register does not list."""

    name = StringField(lazy("社区名称"), [required(), Length(max=40, message=lazy("最多 40 个字"))])
    street = StringField(lazy("所属街道"), [required(), Length(max=40, message=lazy("最多 40 个字"))])
    district = StringField(lazy("所属区县"), [Optional(), Length(max=40, message=lazy("最多 40 个字"))])
    sure = BooleanField(lazy("我问过了，确认由我来建站"))


class PackForm(Form):
    """Which model."""

    pack = RadioField(lazy("服务模型"), [chosen()])


class NameForm(Form):
    """What the service is called."""

    title = StringField(lazy("服务名称"), [required(), Length(max=40, message=lazy("最多 40 个字"))])
    slug = StringField(lazy("网址"), [required()])
    mark = StringField(lazy("编号字母"), [required()])


class SlotsForm(Form):
    """What only this community knows."""

    phone = TelField(lazy("社区电话"), [Optional()])
    desk_hours = StringField(lazy("办公时间"), [Optional(), Length(max=80, message=lazy("最多 80 个字"))])
    address = StringField(lazy("办公地址"), [Optional(), Length(max=120, message=lazy("最多 120 个字"))])
    host = StringField(lazy("主办单位"), [Optional(), Length(max=60, message=lazy("最多 60 个字"))])
    courtyards = TextAreaField(
        lazy("小区和院落，一行一个"), [Optional(), Length(max=4000, message=lazy("太长了，请缩短一些"))]
    )


class EmptyForm(Form):
    """A button, nothing more."""


class InviteForm(Form):
    """One person of the staff."""

    role = SelectField(lazy("岗位"), [chosen()], choices=options(ROLES))
    post = StringField(lazy("岗位叫法"), [Optional(), Length(max=40, message=lazy("最多 40 个字"))])
    phone = TelField(lazy("手机号"), [required(lazy("请填手机号"))])
    courtyards = SelectField(lazy("负责的院落"), [Optional()], validate_choice=False)


class ProofForm(Form):
    """That the founder may speak for the community."""

    kind = RadioField(
        lazy("用什么证明"),
        [chosen()],
        choices=options(
            [("credit_code", lazy("居委会的统一社会信用代码")), ("letter", lazy("盖章的介绍信（照片或 PDF）"))]
        ),
    )
    credit_code = StringField(lazy("统一社会信用代码"), [Optional()])
    letter = FileField(lazy("介绍信"))
