"""Payment codes in pictures: found wherever they are drawn, other codes let through. Real pictures, made here."""

from io import BytesIO

import pytest
import segno
from PIL import Image

from rongjiu import barcodes, cash
from rongjiu.errors import Refused

PAYMENTS = [
    "wxp://f2f0Qw3erTy", "weixin://wxpay/bizpayurl?pr=abc", "https://qr.alipay.com/fkx01234", "HTTPS://QR.ALIPAY.COM/FKX0",
    "https://qr.95516.com/00010000/62000", "https://payapp.weixin.qq.com/qr/x",
    "00020101021129300012D156000000000510A93FO3230Q5303156540510.005802CN5910TestShop6007XiAn6304ABCD",
]  # fmt: skip
HARMLESS = [
    "https://example.invalid/join/provider?from=abc",
    "91610103MA6TXK3T1X",
    "电话 029-88881111",
    "000201 只是编号",
]


def _code(text: str, scale: int = 6) -> Image.Image:
    drawn = BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=scale)
    return Image.open(BytesIO(drawn.getvalue())).convert("L")


def _file(picture: Image.Image, kind: str) -> bytes:
    made = BytesIO()
    picture.save(made, kind, **({"quality": 70} if kind == "JPEG" else {}))
    return made.getvalue()


def _photo(text: str, kind: str = "JPEG") -> bytes:
    """A large grey photograph with the code somewhere in it, turned a little."""
    photo = Image.new("L", (3200, 2400), 170)
    photo.paste(_code(text, 8).rotate(13, expand=True, fillcolor=170), (1900, 1200))
    return _file(photo, kind)


@pytest.mark.parametrize("text", PAYMENTS)
def test_a_drawn_payment_code_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Refused, match="照片里有收款码") as refused:
        cash.refuse_picture(_file(_code(text), "PNG"), "picture")
    assert refused.value.field == "picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_small_and_turned_in_a_photograph_it_is_found_too(kind: str) -> None:
    assert barcodes.read(_photo(PAYMENTS[0], kind)) == [PAYMENTS[0]]


def test_several_codes_are_all_read() -> None:
    photo = Image.new("L", (1400, 700), 255)
    photo.paste(_code(HARMLESS[0]), (40, 40))
    photo.paste(_code(PAYMENTS[2]), (800, 40))
    with pytest.raises(Refused):
        cash.refuse_picture(_file(photo, "PNG"), "file")


def test_a_photograph_inside_a_pdf_is_read() -> None:
    made = BytesIO()
    Image.open(BytesIO(_photo(PAYMENTS[0]))).save(made, "PDF")
    with pytest.raises(Refused, match="照片里有收款码"):
        cash.refuse_picture(made.getvalue(), "file")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_codes_pass(text: str) -> None:
    photo = _photo(text)
    assert barcodes.read(photo) == [text]
    cash.refuse_picture(photo, "file")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\nbroken", b"%PDF-1.7", b"<svg onload=alert(1)>", _photo("x")[:900]],
)
def test_what_is_no_picture_is_left_to_whoever_keeps_it(content: bytes) -> None:
    cash.refuse_picture(content, "file")


def test_a_bomb_is_not_unfolded() -> None:
    bomb = _file(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    assert barcodes.read(bomb) == []
