"""Appeals for money: what nobody may write in public here, and what a picture must not show. Pure."""

import re
import unicodedata

from rongjiu.errors import Refused

_CASH = re.compile(
    r"捐款|捐钱|募捐|募款|集资|众筹|筹款|打款|转账|汇款|红包|现金|爱心款|善款|水滴筹|轻松筹|支付宝|微信支付|收款|付款码|二维码付"
    r"|银行卡|银行账号|账号\s*[:：]?\s*\d|\d{16,19}|(?:随喜|捐|给|收|出)\s*\d+\s*元|alipay|wxp://|wechat\s*pay|donat(?:e|ion)",
    re.IGNORECASE,
)
"""慈善法 2024, art. 26: only a charity with the qualification may raise money from the public."""
PAYMENT_CODES = (b"wxp://", b"alipay", b"qr.alipay.com", b"weixin://wxpay", b"unionpay")


def asks_for_cash(text: str) -> str:
    """The words of an appeal for money or of a way to pay, '' when there are none."""
    found = _CASH.search(unicodedata.normalize("NFKC", text))
    return found.group() if found else ""


def is_payment_code(content: bytes) -> bool:
    """Does a scanned text or a file carry the address of a payment?"""
    return any(mark in content.lower() for mark in PAYMENT_CODES)


def refuse(text: str, name: str) -> None:
    """Raises Refused at field `name` when words that anybody will read ask for money or say how to pay. Offers of money
    go to a charity that may raise it: the desk of a community names the one it works with."""
    if words := asks_for_cash(text):
        raise Refused(
            "这里不能写收钱、捐款或付款方式(“%(words)s”)。请去掉;有人愿意捐钱,请找有公开募捐资格的慈善组织,社区会告诉您是哪一家。",
            field=name, words=words,
        )  # fmt: skip


def refuse_picture(content: bytes, name: str) -> None:
    """Raises Refused at field `name` when a file carries the address of a payment in the clear. A code that is only
    drawn is not read here: whoever reviews looks at every picture."""
    if is_payment_code(content):
        raise Refused("这份文件里有收款码或收款地址。请换一份没有收款码的。", field=name)
