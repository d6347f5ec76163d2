"""Opaque references of persons: keyed hashes, so that what is stored cannot be turned back or guessed without the key of the home."""

from __future__ import annotations

import os
import re
import secrets
import threading
from pathlib import Path

from cryptography.hazmat.primitives import hashes, hmac

from corpora.store import StoreError

from ..audit import sm3

KEY_BYTES = 32
MAX_REF_CHARS = 200
_HANDLE = re.compile(r"p_[0-9a-f]{64}")


class ReferenceKeyError(StoreError):
    """The key of the references cannot be used; the message names the file and the cure."""


class ReferenceKey:
    """The key of a home, made when first used (0600). HMAC-SM3 (GB/T 32905), as the cryptography rules of the field ask."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._key: bytes | None = None

    def handle(self, ref: str) -> str:
        """Return what stands for a person everywhere in this program; a handle stands for itself. Raises ReferenceKeyError."""
        ref = ref.strip()
        return ref if _HANDLE.fullmatch(ref) else "p_" + self._mac("person", ref)

    def digest(self, *parts: str) -> str:
        """Return a keyed digest of texts, for telling whether they are the same without keeping them. Raises ReferenceKeyError."""
        return self._mac("content", *parts)

    @property
    def exists(self) -> bool:
        """Whether it has been made."""
        return self._path.exists()

    @property
    def fingerprint(self) -> str:
        """Return which key this is, without giving it away. Raises ReferenceKeyError."""
        return sm3(b"reference key\x1f" + self._bytes())[:16]

    def _mac(self, *parts: str) -> str:
        mac = hmac.HMAC(self._bytes(), hashes.SM3())
        mac.update("\x1f".join(parts).encode(errors="surrogatepass"))
        return mac.finalize().hex()

    def _bytes(self) -> bytes:
        with self._lock:
            if self._key is None:
                self._key = self._read() if self._path.exists() else self._create()
            return self._key

    def _read(self) -> bytes:
        try:
            mode, text = self._path.stat().st_mode, self._path.read_text(encoding="ascii")
            key = bytes.fromhex(text.strip())
        except (OSError, ValueError) as error:
            raise ReferenceKeyError(f"{self._path}: cannot be read as a key; restore it from the backup of this home") from error
        if len(key) != KEY_BYTES:
            raise ReferenceKeyError(f"{self._path}: {len(key)} bytes, expected {KEY_BYTES}; restore it from the backup of this home")
        if mode & 0o077:
            raise ReferenceKeyError(f"{self._path}: others may read it (mode {mode & 0o777:o}); run chmod 600 on it")
        return key

    def _create(self) -> bytes:
        """Write a new key beside, and link it into place: of two processes that do this at once, both use the same one."""
        beside = self._path.with_name(f".{self._path.name}-{secrets.token_hex(4)}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            try:
                os.write(handle, secrets.token_bytes(KEY_BYTES).hex().encode())
                os.fsync(handle)
            finally:
                os.close(handle)
            try:
                os.link(beside, self._path)
            except FileExistsError:
                pass
            finally:
                beside.unlink()
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise ReferenceKeyError(f"{self._path}: cannot be made ({error.strerror}); check the permissions of the home") from error
        return self._read()
