"""Protected fields: AES-256-GCM bound to scope, table and column, and keyed hashes for equality search.

A ciphertext moved to another community, table or column does not open (AAD). Keys are derived from one
master key (`Settings.data_key`), per community and purpose, so a blind index of one community says
nothing about another's.
"""

import hmac
import os
import unicodedata
from base64 import b64decode
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from rongjiu.db import current_tenant

PLATFORM = UUID(int=0)


def configure(app: Flask, data_key: str) -> None:
    """Give an app its master key, base64 of 32 bytes; raises ValueError on any other length."""
    key = b64decode(data_key)
    if len(key) != 32:
        raise ValueError("data key must be base64 of 32 bytes")
    app.extensions["rongjiu.data_key"] = key


def _derive(scope: UUID, purpose: str) -> bytes:
    return _derived(current_app.extensions["rongjiu.data_key"], scope, purpose)


@lru_cache(maxsize=4096)
def _derived(master: bytes, scope: UUID, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, scope.bytes, purpose.encode()).derive(master)


def seal(plain: bytes, scope: UUID, name: str) -> bytes:
    """Encrypt for a scope (a community's UUID or PLATFORM) and a name (table|column or file hash)."""
    nonce = os.urandom(12)
    return nonce + AESGCM(_derive(scope, "field")).encrypt(nonce, plain, f"{scope}|{name}".encode())


def unseal(sealed: bytes, scope: UUID, name: str) -> bytes:
    """Decrypt what `seal` made; raises cryptography.exceptions.InvalidTag for another scope or name."""
    return AESGCM(_derive(scope, "field")).decrypt(sealed[:12], sealed[12:], f"{scope}|{name}".encode())


def blind(value: str, scope: UUID, kind: str) -> bytes:
    """Keyed hash (16 bytes) by which equal values are found without opening them; `kind` is phone, id_number …"""
    folded = unicodedata.normalize("NFKC", value).upper().replace(" ", "")
    return hmac.new(_derive(scope, f"index|{kind}"), folded.encode(), sha256).digest()[:16]


def sign(message: bytes, scope: UUID, purpose: str) -> bytes:
    """Signature (32 bytes) of a scope under a message, by a key of its own for each purpose, such as certificate."""
    return hmac.new(_derive(scope, f"sign|{purpose}"), message, sha256).digest()


def verify(signature: bytes, message: bytes, scope: UUID, purpose: str) -> bool:
    """Did that scope sign this message for this purpose?"""
    return hmac.compare_digest(signature, sign(message, scope, purpose))


def token_hash(token: str) -> bytes:
    """Hash of a random token of at least 128 bits; no key is needed for such."""
    return sha256(token.encode()).digest()


class Sealed(TypeDecorator[str]):
    """Text kept encrypted. `table` and `column` bind the ciphertext; platform rows use the platform's scope."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, table: str, column: str, *, platform: bool = False) -> None:
        super().__init__()
        self.table, self.column, self.platform = table, column, platform

    def _scope(self) -> UUID:
        return PLATFORM if self.platform else current_tenant().uid

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else seal(value.encode(), self._scope(), f"{self.table}|{self.column}")

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else unseal(bytes(value), self._scope(), f"{self.table}|{self.column}").decode()
