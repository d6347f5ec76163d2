"""Signatures as standardwebhooks.com defines them, and what a receiver must refuse."""

from __future__ import annotations

import datetime as dt

import pytest

from nlp_service.persons.webhooks import SignatureError, secret_bytes, signature, verify

# The example of the standard's own test suite.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIME, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
EXPECTED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = dt.datetime.fromtimestamp(TIME, dt.UTC)
HEADERS = {"webhook-id": ID, "webhook-timestamp": str(TIME), "webhook-signature": EXPECTED}


def test_the_signature_is_that_of_the_standard() -> None:
    assert signature(secret_bytes(SECRET), ID, TIME, BODY) == EXPECTED


def test_what_was_sent_is_accepted_and_its_id_is_given_for_dropping_repetitions() -> None:
    key = secret_bytes(SECRET)
    assert verify(key, HEADERS, BODY, NOW) == ID
    assert verify(key, {**HEADERS, "webhook-signature": f"v1,AAAA {EXPECTED}"}, BODY, NOW) == ID, "two keys while one is replaced"
    assert verify(key, HEADERS, BODY, NOW + dt.timedelta(seconds=300)) == ID


@pytest.mark.parametrize(
    ("headers", "body", "late", "words"),
    [
        ({}, BODY + b" ", 0, "does not fit"),
        ({"webhook-id": "msg_other"}, BODY, 0, "does not fit"),
        ({"webhook-timestamp": str(TIME + 1)}, BODY, 0, "does not fit"),
        ({"webhook-signature": ""}, BODY, 0, "does not fit"),
        ({"webhook-signature": EXPECTED.replace("v1,", "v2,")}, BODY, 0, "does not fit"),
        ({}, BODY, 301, "away from now"),  # a replay
        ({}, BODY, -301, "away from now"),
        ({"webhook-id": ""}, BODY, 0, "missing"),
        ({"webhook-timestamp": "soon"}, BODY, 0, "missing"),
    ],
)
def test_what_was_changed_or_replayed_is_refused(headers: dict[str, str], body: bytes, late: float, words: str) -> None:
    with pytest.raises(SignatureError, match=words):
        verify(secret_bytes(SECRET), {**HEADERS, **headers}, body, NOW + dt.timedelta(seconds=late))


@pytest.mark.parametrize("secret", ["short", "whsec_AAAA", "whsec_not base64 at all!"])
def test_a_weak_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        secret_bytes(secret)


def test_a_plain_secret_is_taken_as_it_stands() -> None:
    assert secret_bytes("sixteen letters!") == b"sixteen letters!"
