"""Forms of one's own account."""

from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import Optional

from blueprints.forms import Form, chosen, lazy, options, required


class LoginForm(Form):
    """Phone or e-mail, and password."""

    address = StringField(lazy("手机号或邮箱"), [required(lazy("请填手机号或邮箱"))])
    password = PasswordField(lazy("密码"), [required(lazy("请填密码"))])


class CodeForm(Form):
    """Six digits of the authenticator."""

    code = StringField(lazy("动态码"), [required(lazy("请填六位动态码"))])


class SetupForm(Form):
    """A new authenticator: the first code of the offered secret; the password when the log-in is not fresh."""

    offer = HiddenField()
    password = PasswordField(lazy("现在的密码"), [Optional()])
    old_code = StringField(lazy("旧手机上的动态码"), [Optional()])
    code = StringField(lazy("新的动态码"), [required(lazy("请填六位动态码"))])


class ForgotForm(Form):
    """Where to send a code."""

    address = StringField(lazy("手机号或邮箱"), [required(lazy("请填手机号或邮箱"))])


class ResetForm(Form):
    """The code that came, and a new password."""

    code = StringField(lazy("短信或邮件里的验证码"), [required(lazy("请填六位验证码"))])
    new = PasswordField(lazy("新密码"), [required(lazy("请填新密码"))])


class PasswordForm(Form):
    """The present password and a new one."""

    password = PasswordField(lazy("现在的密码"), [required(lazy("请填现在的密码"))])
    new = PasswordField(lazy("新密码"), [required(lazy("请填新密码"))])


class KinForm(Form):
    """What somebody declares when taking up a post (亲属回避)."""

    kin = RadioField(
        lazy("服务范围里有没有您的亲属或同门邻居"),
        [chosen()],
        choices=options([("no", lazy("没有")), ("yes", lazy("有，这些家庭请别人办理"))]),
    )
    promise = BooleanField(
        lazy("我知道：不办理、不查看亲属和同门邻居的个案；以后发现了马上说。"), [required(lazy("请看过后打勾"))]
    )


class SignUpForm(Form):
    """A new account for an invitation: name and where to send a code."""

    name = StringField(lazy("您的姓名"), [required(lazy("请填姓名"))])
    address = StringField(lazy("手机号"), [required(lazy("请填手机号"))])


class SignUpCodeForm(Form):
    """The code that came, and the password of the new account."""

    name = HiddenField()
    address = HiddenField()
    code = StringField(lazy("短信验证码"), [required(lazy("请填六位验证码"))])
    password = PasswordField(lazy("设一个密码"), [required(lazy("请填密码"))])
