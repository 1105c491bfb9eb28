"""Typed settings, read once at start from the environment or from a data folder."""

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from rongjiu.datafolder import DataFolder
from rongjiu.paths import default_data


class Settings(BaseSettings):
    """Everything the outside decides. A secret NAME may also come as NAME_FILE, the path of a file that holds it."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True, extra="ignore", env_ignore_empty=True)

    database_url: str = Field(default="", alias="DATABASE_URL", repr=False)
    database_owner_url: str = Field(default="", alias="DATABASE_OWNER_URL", repr=False)
    database_relay_url: str = Field(default="", alias="DATABASE_RELAY_URL", repr=False)
    redis_url: str = Field(default="", alias="REDIS_URL", repr=False)
    secret_key: str = Field(default="", alias="RONGJIU_SECRET_KEY", repr=False)
    data_key: str = Field(default="", alias="RONGJIU_DATA_KEY", repr=False)
    data_dir: Path = Field(default_factory=default_data, alias="RONGJIU_DATA")
    demo: bool = Field(default=False, alias="RONGJIU_DEMO")
    public_url: str = Field(default="http://127.0.0.1:8000", alias="RONGJIU_PUBLIC_URL")
    live_url: str = Field(default="", alias="RONGJIU_LIVE_URL")
    log_level: str = Field(default="INFO", alias="RONGJIU_LOG_LEVEL")
    notify_sms: str = Field(default="", alias="RONGJIU_NOTIFY_SMS", repr=False)
    """aliyun://KEYID:SECRET@sms?sign=SIGN&template=SMS_1&param=content; `local:` sends into the database by the outbox."""
    notify_wechat: str = Field(default="", alias="RONGJIU_NOTIFY_WECHAT", repr=False)
    """wechat://APPID:SECRET@template?id=TEMPLATE&word=thing1 (template messages of a service account)."""
    notify_wecom: str = Field(default="", alias="RONGJIU_NOTIFY_WECOM", repr=False)
    """An address of Apprise with {to} for the person's: wechat://CORP:SECRET@AGENT/{to}."""
    notify_dingtalk: str = Field(default="", alias="RONGJIU_NOTIFY_DINGTALK", repr=False)
    """dingtalk://SECRET@TOKEN/{to}"""
    notify_email: str = Field(default="", alias="RONGJIU_NOTIFY_EMAIL", repr=False)
    """mailtos://USER:PASSWORD@smtp.example.cn?from=USER@example.cn&to={to}"""
    proxies: int = Field(default=0, ge=0, alias="RONGJIU_PROXIES")
    """How many of our own proxies stand in front: whose X-Forwarded-For is believed (limits and audit name a person's address)."""

    @classmethod
    def read(cls) -> Self:
        """Settings of this process; what the environment does not name comes from the data folder's own servers.

        Raises ValueError when the database is given but a key is missing: no key is ever invented for kept data.
        """
        given = cls()
        folder = DataFolder(given.data_dir)
        if given.database_url:
            missing = [name for name in ("redis_url", "secret_key", "data_key") if not getattr(given, name)]
            if missing:
                names = ", ".join(str(cls.model_fields[name].alias) for name in missing)
                raise ValueError(f"DATABASE_URL is set, so these must be set too: {names}")
            return given
        return given.model_copy(update=given._own(folder))

    def _own(self, folder: DataFolder) -> dict[str, Any]:
        """What a data folder says where the environment was silent."""
        # Before the folder's first start there is nothing to protect yet: keys that live as long as the process.
        fresh = base64.b64encode(secrets.token_bytes(32)).decode()
        own = {
            "database_url": folder.url("app_user"),
            "database_owner_url": folder.url("app_owner"),
            "database_relay_url": folder.url("app_relay"),
            "redis_url": folder.redis_url(),
            "secret_key": folder.secret("secret_key") or fresh,
            "data_key": folder.secret("data_key") or fresh,
            "demo": folder.demo.exists(),
        }
        own = {name: value for name, value in own.items() if not getattr(self, name)}
        if "public_url" not in self.model_fields_set and folder.demo_address():
            own["public_url"] = folder.demo_address()
        return own

    @field_validator("data_key")
    @classmethod
    def _thirty_two_bytes(cls, value: str) -> str:
        try:
            long = len(base64.b64decode(value, validate=True))
        except binascii.Error as error:
            raise ValueError("RONGJIU_DATA_KEY is not base64") from error
        if value and long != 32:
            raise ValueError(f"RONGJIU_DATA_KEY holds {long} bytes, 32 are needed: openssl rand -base64 32")
        return value

    @field_validator("database_url", "database_owner_url", "database_relay_url")
    @classmethod
    def _psycopg(cls, value: str) -> str:
        """The driver is ours to choose; administrators write plain addresses."""
        for plain in ("postgres://", "postgresql://"):
            if value.startswith(plain):
                return "postgresql+psycopg://" + value.removeprefix(plain)
        return value

    @property
    def data_key_bytes(self) -> bytes:
        """The master key of field encryption, 32 bytes."""
        return base64.b64decode(self.data_key)

    @property
    def limiter_url(self) -> str:
        """The Redis address as Flask-Limiter spells it; it prints the password of a scheme it does not know."""
        return f"redis+{self.redis_url}" if self.redis_url.startswith("unix://") else self.redis_url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then variables, then the files that NAME_FILE variables point at."""
        return init_settings, env_settings, _NamedFiles(settings_cls)


class _NamedFiles(PydanticBaseSettingsSource):
    """Values of NAME from the file that NAME_FILE names, without the last line end."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{field.alias}_FILE")
        return (Path(path).read_text().strip() if path else None), str(field.alias), False

    def __call__(self) -> dict[str, Any]:
        found = (self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items())
        return {key: value for value, key, _ in found if value is not None}
