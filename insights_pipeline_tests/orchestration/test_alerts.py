"""Where alerts go: a webhook on loopback gets them, addresses that can't be used are told without showing them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import apprise
import pytest

from insights_pipeline.orchestration.alerts import MOST_SENTENCES, Alerts, NotDelivered
from insights_pipeline.settings import IsolatedSettings, SettingsError


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address, and what was posted to it."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the console."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", received
        finally:
            server.shutdown()
            thread.join()


def alerts(*urls: str) -> Alerts:
    return Alerts(IsolatedSettings(INSIGHTS_ALERT_URLS=",".join(urls)))


def test_a_plain_webhook_gets_title_and_sentences_as_json() -> None:
    with webhook() as (url, received):
        alerts(url).send("Events may be lost", ["One.", "Two."])
    (message,) = received
    assert message["title"] == "Events may be lost"
    assert message["message"] == "- One.\n- Two."


def test_a_message_is_no_longer_than_somebody_reads() -> None:
    with webhook() as (url, received):
        alerts(url).send("Many", [f"Number {number}." for number in range(MOST_SENTENCES + 5)])
    lines = received[0]["message"].splitlines()
    assert len(lines) == MOST_SENTENCES + 1
    assert lines[-1] == "- and 5 more: see Dagster's page."


def test_what_an_address_does_not_take_is_told_without_the_address() -> None:
    with webhook(status=500) as (url, _), pytest.raises(NotDelivered) as raised:
        alerts(url).send("Title", ["One."])
    assert "number 1" in str(raised.value)
    assert url not in str(raised.value)


def test_slack_is_known_by_its_webhook() -> None:
    url = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    assert alerts(url).anywhere
    assert str(apprise.Apprise.instantiate(url)).startswith("slack://")


def test_an_address_that_nobody_knows_is_told_by_its_number_and_logged_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(SettingsError) as raised:
        alerts("json://127.0.0.1/fine", "carrier-pigeon://very_secret")
    assert "number 2" in str(raised.value)
    assert "very_secret" not in str(raised.value)
    assert "very_secret" not in caplog.text
    assert not alerts().anywhere
