"""The worker against a real receiver: signed, retried, never redirected; one failure holds up nobody."""

from __future__ import annotations

import datetime as dt
import http.server
import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from nlp_service.persons.courier import LEASE_S, Courier
from nlp_service.persons.outbox import STUCK_S, Backlog
from nlp_service.persons.webhooks import TIMEOUT_S, Webhook, WebhookError, verify

KEY = b"sixteen letters!"
WAIT_S = 20  # never reached unless something is broken


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what arrives and answers with the next of `answers`, 204 when they are used up."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.arrived = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        status = self.server.answers.pop(0) if self.server.answers else 204
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url + "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def courier(desk, receiver: Receiver) -> Courier:
    return Courier(desk.store, Webhook(receiver.url, KEY).post, desk.service.sweep, now=lambda: desk.now)


def ids(receiver: Receiver) -> list[str]:
    return [json.loads(body)["id"] for _, body in receiver.received]


def test_an_alert_arrives_signed_and_without_words_of_the_report(desk, courier: Courier, receiver: Receiver) -> None:
    desk.send("R-1", {"C02": "confirmed"}, text="他说活着没意思")
    assert courier.deliver() == 1
    ((headers, body),) = receiver.received
    event = json.loads(body)
    assert verify(KEY, headers, body, desk.now) == event["id"]
    assert event["type"] == "alert.raised"
    assert event["alert"]["level"] == "L4"
    assert event["alert"]["evidence"] == [{"report_id": "R-1", "tag": "C02"}]
    assert event["alert"]["person"] == desk.key.handle("DX-1")
    assert "活着" not in body.decode()
    assert courier.deliver() == 0, "once taken it is not sent again"


@pytest.mark.parametrize("status", [500, 404, 429, 302])
def test_whatever_is_not_taken_is_sent_again_after_its_wait(desk, courier: Courier, receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    desk.send("R-1", {"C02": "confirmed"})
    assert courier.deliver() == 0
    (event,), counts = desk.service.events((), 10)
    assert (event.last_error, counts["pending"]) == (f"HTTP {status}", 1)
    desk.later(seconds=4)
    assert courier.deliver() == 0
    assert len(receiver.received) == 1, "no redirect is followed and nothing is sent before its time"
    desk.later(seconds=1)
    assert courier.deliver() == 1
    assert len(set(ids(receiver))) == 1
    assert verify(KEY, *receiver.received[1], desk.now), "signed anew with the time of sending"


def test_one_failure_does_not_hold_up_the_others(desk, courier: Courier, receiver: Receiver) -> None:
    receiver.answers = [500]
    for person in ("DX-1", "DX-2", "DX-3"):
        desk.send(f"R-{person}", {"C02": "confirmed"}, person=person)
    assert courier.deliver() == 2
    assert len(receiver.received) == 3


def test_a_receiver_that_is_not_there_is_a_failure_with_a_word(desk) -> None:
    with pytest.raises(WebhookError, match="Refused"):
        Webhook("http://127.0.0.1:1/", KEY).post("EV-1", "{}", desk.now)


def test_dead_events_are_said_in_the_log(desk, courier: Courier, receiver: Receiver, logged: io.StringIO) -> None:
    receiver.answers = [500] * 100
    desk.send("R-1", {"C02": "confirmed"})
    for _ in range(40):
        courier.deliver()
        desk.later(hours=1)
    assert desk.service.events((), 10)[1] == {"pending": 0, "delivered": 0, "dead": 1}
    assert len(receiver.received) == 30
    assert [json.loads(line)["state"] for line in logged.getvalue().splitlines()][-1] == "dead"


def test_the_backlog_says_how_much_waits_and_since_when(desk, courier: Courier, receiver: Receiver, logged: io.StringIO) -> None:
    receiver.answers = [500] * 3
    desk.send("R-1", {"C02": "confirmed"})
    desk.later(seconds=5)
    desk.send("R-2", {"C02": "confirmed"}, person="DX-2")
    courier.deliver()
    courier.look()
    assert courier.backlog == Backlog(pending=2, oldest=desk.now - dt.timedelta(seconds=5), n_failed=2)
    assert (courier.oldest_s, courier.is_stuck) == (5, False)
    desk.later(seconds=STUCK_S - 5)
    courier.look()
    assert not courier.is_stuck
    desk.later(seconds=1)
    assert courier.is_stuck, "also when the thread hangs and looks no more"
    courier.look()
    courier.look()
    assert courier.deliver() == 1
    desk.later(hours=1)
    assert courier.deliver() == 1
    courier.look()
    assert courier.backlog == Backlog(delivered=2, n_delivered=2, n_failed=3)
    said = [json.loads(line)["event"] for line in logged.getvalue().splitlines()]
    assert said == ["webhook_failed", "webhook_failed", "webhook_stuck", "webhook_failed", "webhook_well_again"]


def test_the_lease_is_longer_than_sending_may_take() -> None:
    assert LEASE_S > 2 * TIMEOUT_S


def test_the_thread_sends_when_woken_and_ends_when_told(desk, receiver: Receiver) -> None:
    courier = Courier(desk.store, Webhook(receiver.url, KEY).post, desk.service.sweep, sweep_s=3600)
    courier.start()
    desk.now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    desk.send("R-1", {"C02": "confirmed"})
    courier.wake()
    assert receiver.arrived.wait(WAIT_S)
    courier.stop()
    assert desk.service.events((), 10)[1] == {"pending": 0, "delivered": 1, "dead": 0}


def test_without_a_webhook_only_the_sweep_runs(desk) -> None:
    swept = threading.Event()
    courier = Courier(desk.store, None, swept.set, sweep_s=3600)
    courier.start()
    assert swept.wait(WAIT_S)
    courier.stop()
    desk.send("R-1", {"C02": "confirmed"})
    assert courier.deliver() == 0


def test_a_fault_of_the_sweep_does_not_end_the_sending(desk, receiver: Receiver, logged: io.StringIO) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    desk.now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    desk.send("R-1", {"C02": "confirmed"})
    courier = Courier(desk.store, Webhook(receiver.url, KEY).post, broken, sweep_s=3600)
    courier.start()
    assert receiver.arrived.wait(WAIT_S)
    courier.stop()
    assert "persons_step_failed" in logged.getvalue()
