"""Appeals for money: what nobody may write in public here, and what a picture must not show."""

import re
import unicodedata

from rongjiu import barcodes
from rongjiu.errors import Refused

_CASH = re.compile(
    r"捐款|捐钱|募捐|募款|集资|众筹|筹款|打款|转账|汇款|红包|现金|爱心款|善款|水滴筹|轻松筹|支付宝|微信支付|收款|付款码|二维码付"
    r"|银行卡|银行账号|账号\s*[:：]?\s*\d|\d{16,19}|(?:随喜|捐|给|收|出)\s*\d+\s*元|alipay|wxp://|wechat\s*pay|donat(?:e|ion)",
    re.IGNORECASE,
)
"""慈善法 2024, art. 26: only a charity with the qualification may raise money from the public."""
PAYMENT_CODES = (
    b"wxp://", b"weixin://wxpay", b"payapp.weixin.qq.com", b"alipay", b"unionpay", b"qr.95516.com", b"paypal.me",
)  # fmt: skip
"""What the addresses behind payment codes begin with or hold: WeChat, Alipay, UnionPay (云闪付), PayPal."""
_EMV = re.compile(rb"^000201(?:[0-9]{4})?.*(?:5303156|5802CN|unionpay)", re.IGNORECASE | re.DOTALL)
"""A merchant's payment code after EMVCo QRCPS, merchant-presented mode (tag 00 = 01), in yuan or in China: UnionPay's."""


def asks_for_cash(text: str) -> str:
    """The words of an appeal for money or of a way to pay, '' when there are none."""
    found = _CASH.search(unicodedata.normalize("NFKC", text))
    return found.group() if found else ""


def is_payment_code(content: bytes) -> bool:
    """Does a scanned text or a file carry the address of a payment?"""
    return any(mark in content.lower() for mark in PAYMENT_CODES) or _EMV.search(content) is not None


def refuse(text: str, name: str) -> None:
    """Raises Refused at field `name` when words that anybody will read ask for money or say how to pay. Offers of money
    go to a charity that may raise it: the desk of a community names the one it works with."""
    if words := asks_for_cash(text):
        raise Refused(
            "这里不能写收钱、捐款或付款方式(“%(words)s”)。请去掉;有人愿意捐钱,请找有公开募捐资格的慈善组织,社区会告诉您是哪一家。",
            field=name, words=words,
        )  # fmt: skip


def refuse_picture(content: bytes, name: str) -> None:
    """Raises Refused at field `name` when a picture shows a payment code, wherever and however small it is drawn, or a
    file carries the address of a payment in the clear. Codes that lead elsewhere are nobody's harm."""
    if is_payment_code(content):
        raise Refused("这份文件里有收款码或收款地址。请换一份没有收款码的。", field=name)
    if any(is_payment_code(text.encode()) for text in barcodes.read(content)):
        raise Refused("照片里有收款码(微信、支付宝、云闪付)。请遮住或避开收款码,再拍一张。", field=name)
