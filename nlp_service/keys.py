"""Bearer keys with roles: random, shown once, stored as salted hashes in one small file."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import os
import secrets
import threading
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from indexes.snapshot import write_atomically


class Role(StrEnum):
    """What a key may do; admin may do everything."""

    OFFICER = "officer"
    PLATFORM = "platform"
    RESEARCHER = "researcher"
    AUDITOR = "auditor"
    ADMIN = "admin"


class KeyRingError(ValueError):
    """The key file cannot be read, or there is no such key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key as stored; `digest` is SHA-256 of salt and secret (256 random bits need no slow hash)."""

    key_id: str
    name: str
    role: Role
    created_at: str
    salt: str
    digest: str


def _digest(salt: str, secret: str) -> str:
    return hashlib.sha256(base64.b64decode(salt) + secret.encode(errors="surrogatepass")).hexdigest()


class KeyRing:
    """The keys of a home; reads the file again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read_at: tuple[int, int] | None = None
        self._keys: dict[str, Key] = {}

    def all(self) -> list[Key]:
        """Return all keys. Raises KeyRingError for a damaged file."""
        with self._lock:
            try:
                stat = self._path.stat()
            except FileNotFoundError:
                self._read_at, self._keys = None, {}
                return []
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if stamp != self._read_at:
                try:
                    records = json.loads(self._path.read_text(encoding="utf-8"))
                    if not isinstance(records, list):  # an empty object must not pass for "no keys": that opens the service
                        raise TypeError("expected a list of keys")
                    self._keys = {record["key_id"]: Key(**{**record, "role": Role(record["role"])}) for record in records}
                except (ValueError, TypeError, KeyError) as error:
                    raise KeyRingError(f"{self._path}: damaged ({error}); restore it or remove it and add keys again") from None
                self._read_at = stamp
            return list(self._keys.values())

    def add(self, name: str, role: Role) -> str:
        """Create a key and return it: `id.secret`, never shown again."""
        salt = base64.b64encode(os.urandom(16)).decode()
        key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        self._write([*self.all(), Key(key_id, name, role, now, salt, _digest(salt, secret))])
        return f"{key_id}.{secret}"

    def revoke(self, key_id: str) -> None:
        """Remove a key. Raises KeyRingError when there is none."""
        keys = self.all()
        if all(key.key_id != key_id for key in keys):
            raise KeyRingError(f"没有编号为 {key_id} 的密钥")
        self._write([key for key in keys if key.key_id != key_id])

    def find(self, presented: str) -> Key | None:
        """Return the key that `id.secret` opens, or None."""
        self.all()
        key_id, _, secret = presented.partition(".")
        key = self._keys.get(key_id)
        if key is None or not hmac.compare_digest(key.digest, _digest(key.salt, secret)):
            return None
        return key

    def _write(self, keys: list[Key]) -> None:
        write_atomically(self._path, json.dumps([asdict(key) for key in keys], ensure_ascii=False, indent=1))
        self._path.chmod(0o600)
