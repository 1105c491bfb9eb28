"""Two vendors that no common library serves well: SMS by Aliyun, template messages of a WeChat service account."""

import base64
import hmac
import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1, sha256
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from rongjiu.notify.refusals import Bounced, Down

Ask = Callable[[str, str, str, dict[str, Any] | None], dict[str, Any]]
"""Host, method, path, JSON body → JSON answer. Raises Down when nobody answers."""
_PATIENCE = 8
_DEAD_NUMBER = frozenset({"isv.MOBILE_NUMBER_ILLEGAL"})
_DEAD_READER = frozenset({40003, 43004, 43101})
"""Wrong openid, not a follower any more, refused by the reader."""
_STALE_TOKEN = frozenset({40001, 40014, 42001})


def ask(host: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One HTTPS exchange; an answer that does not come or is not JSON leaves open whether it was carried out."""
    connection = http.client.HTTPSConnection(host, timeout=_PATIENCE)
    try:
        words = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        connection.request(method, path, words, {"Content-Type": "application/json"} if words else {})
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        return found
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Down(type(error).__name__) from error
    finally:
        connection.close()


def _given(url: str, scheme: str, *names: str) -> tuple[str, str, dict[str, str]]:
    """Id, secret and named words of a setting such as aliyun://ID:SECRET@sms?sign=…&template=…"""
    parts = urlsplit(url)
    words = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.scheme != scheme or not parts.username or not parts.password or any(name not in words for name in names):
        raise ValueError(scheme)
    return unquote(parts.username), unquote(parts.password), words


@dataclass(frozen=True, slots=True)
class AliyunSms:
    """SendSms of dysmsapi 2017-05-25. The provider key is the request's nonce, which the vendor takes once."""

    key_id: str
    secret: str = field(repr=False)
    sign: str
    template: str
    param: str = "content"
    """Name of the template's one variable."""
    ask: Ask = ask

    @classmethod
    def read(cls, url: str) -> "AliyunSms":
        """From aliyun://KEYID:SECRET@sms?sign=SIGN&template=SMS_1&param=content; raises ValueError."""
        key_id, secret, words = _given(url, "aliyun", "sign", "template")
        return cls(key_id, secret, words["sign"], words["template"], words.get("param", "content"))

    def send(self, address: str, text: str, key: str) -> None:
        """Send one text; a nonce used before means that the vendor has it already."""
        words = {
            "AccessKeyId": self.key_id, "Action": "SendSms", "Format": "JSON", "OutId": key, "PhoneNumbers": address,
            "RegionId": "cn-hangzhou", "SignName": self.sign, "SignatureMethod": "HMAC-SHA1", "SignatureNonce": key,
            "SignatureVersion": "1.0", "TemplateCode": self.template, "Version": "2017-05-25",
            "TemplateParam": json.dumps({self.param: text}, ensure_ascii=False),
            "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }  # fmt: skip
        plain = "&".join(f"{_quoted(name)}={_quoted(words[name])}" for name in sorted(words))
        answer = self.ask("dysmsapi.aliyuncs.com", "GET", f"/?Signature={self._signature(plain)}&{plain}", None)
        code = str(answer.get("Code", ""))
        if code in ("OK", "SignatureNonceUsed"):
            return
        if code in _DEAD_NUMBER:
            raise Bounced(code)
        raise Down(code or "silent", certain=bool(code))

    def _signature(self, plain: str) -> str:
        said = f"GET&{_quoted('/')}&{_quoted(plain)}".encode()
        return _quoted(base64.b64encode(hmac.new(f"{self.secret}&".encode(), said, sha1).digest()).decode())


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


@dataclass(slots=True)
class WeChatTemplate:
    """A template message of a service account (服务号). The provider key goes as client_msg_id, taken once by the vendor."""

    app_id: str
    secret: str = field(repr=False)
    template: str
    word: str = "thing1"
    """Name of the template's field that holds the text, at most 20 characters."""
    ask: Ask = ask
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    @classmethod
    def read(cls, url: str) -> "WeChatTemplate":
        """From wechat://APPID:SECRET@template?id=TEMPLATE&word=thing1; raises ValueError."""
        app_id, secret, words = _given(url, "wechat", "id")
        return cls(app_id, secret, words["id"], words.get("word", "thing1"))

    def send(self, address: str, text: str, key: str) -> None:
        """Send one text to one openid."""
        body = {
            "touser": address, "template_id": self.template, "data": {self.word: {"value": text}},
            "client_msg_id": sha256(key.encode()).hexdigest()[:32],  # as long as the vendor takes
        }  # fmt: skip
        answer = self.ask(
            "api.weixin.qq.com", "POST", f"/cgi-bin/message/template/send?access_token={self._pass()}", body
        )
        code = int(answer.get("errcode", -1))
        if code == 0:
            return
        if code in _DEAD_READER:
            raise Bounced(str(code))
        if code in _STALE_TOKEN:
            self._until = 0.0
        raise Down(str(code), certain=code > 0)

    def _pass(self) -> str:
        if time.monotonic() >= self._until:
            body = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.secret}
            answer = self.ask("api.weixin.qq.com", "POST", "/cgi-bin/stable_token", body)
            if not answer.get("access_token"):
                raise Down(str(answer.get("errcode", "token")), certain=True)
            self._token = str(answer["access_token"])
            self._until = time.monotonic() + float(answer.get("expires_in", 7200)) - 300
        return self._token
