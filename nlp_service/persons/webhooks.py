"""Signed webhooks in the form of standardwebhooks.com: HMAC-SHA256 over id.timestamp.body; a receiver refuses old times and ids it has seen."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MIN_SECRET_CHARS = 16
TOLERANCE_S = 300
TIMEOUT_S = 10.0
_PREFIX = "whsec_"  # a secret written so is base64, any other is taken as it stands


class WebhookError(RuntimeError):
    """An event was not taken; the message says why in a few words."""


class SignatureError(ValueError):
    """What was received is not what was sent, or not now."""


def secret_bytes(secret: str) -> bytes:
    """Return the key of a secret. Raises ValueError for one that is too short or not base64 after whsec_."""
    key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True) if secret.startswith(_PREFIX) else secret.encode()
    if len(key) < MIN_SECRET_CHARS:
        raise ValueError(f"webhook secret: {len(key)} bytes, expected at least {MIN_SECRET_CHARS}")
    return key


def signature(key: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature header of an event."""
    mac = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def verify(key: bytes, headers: Mapping[str, str], body: bytes, now: dt.datetime, *, tolerance_s: float = TOLERANCE_S) -> str:
    """Check a received event as a receiver must; return its id, by which the receiver drops repetitions. Raises SignatureError."""
    event_id, stamp, given = (headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature"))
    if not event_id or not stamp.isdigit():
        raise SignatureError("webhook-id or webhook-timestamp is missing")
    if abs(now.timestamp() - int(stamp)) > tolerance_s:
        raise SignatureError(f"webhook-timestamp is more than {tolerance_s:g} s away from now")
    expected = signature(key, event_id, int(stamp), body)
    if not any(hmac.compare_digest(expected, one) for one in given.split(" ")):
        raise SignatureError("webhook-signature does not fit the body")
    return event_id


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events go, and with which key."""

    url: str
    key: bytes
    timeout_s: float = TIMEOUT_S

    def post(self, event_id: str, body: str, now: dt.datetime) -> None:
        """Send one event; only 2xx means taken. Raises WebhookError."""
        data, timestamp = body.encode(), int(now.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "nlp-service",
            "webhook-id": event_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self.key, event_id, timestamp, data),
        }
        request = urllib.request.Request(self.url, data=data, headers=headers, method="POST")
        try:
            with _opener().open(request, timeout=self.timeout_s) as response:
                if not 200 <= response.status < 300:
                    raise WebhookError(f"HTTP {response.status}")
        except urllib.error.HTTPError as error:
            with error:
                raise WebhookError(f"HTTP {error.code}") from None
        except (OSError, http.client.HTTPException) as error:
            raise WebhookError(type(getattr(error, "reason", None) or error).__name__) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the signed body to an address nobody configured."""

    def redirect_request(self, *arguments: object) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    # No proxy from the environment: the receiver is in the same network, and a proxy would see the body.
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


Send = Callable[[str, str, dt.datetime], None]
