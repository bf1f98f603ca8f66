"""An S3 of its own on loopback, for tests of lakes in object stores: moto's, behind a door that can be told to misbehave."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import pytest

needs_object_store = pytest.mark.skipif(
    find_spec("obstore") is None,
    reason="the extra object-store is not installed: make EXTRAS='dashboard object-store' test",
)

BUCKET = "audit-trail"


@dataclass
class Door:
    """Stands before the store: counts requests, refuses some, and loses answers of some that were done."""

    store: Callable[..., Iterable[bytes]]
    asked: Counter[str] = field(default_factory=Counter)
    """Requests by method."""
    refused: float = 0.0
    """Share of requests that are answered 503 and not done."""
    lost: float = 0.0
    """Share of requests that are done and answered 500."""
    latency_seconds: float = 0.0
    rng: random.Random = field(default_factory=lambda: random.Random(8))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked[environ["REQUEST_METHOD"]] += 1
        time.sleep(self.latency_seconds)
        chance = self.rng.random()
        if chance < self.refused:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("503 Slow Down", [("Content-Length", "0")])
            return [b""]
        if chance < self.refused + self.lost:
            list(self.store(environ, lambda *_: None))
            start_response("500 Internal Server Error", [("Content-Length", "0")])
            return [b""]
        return self.store(environ, start_response)


@dataclass(frozen=True)
class ObjectStore:
    """A running server with one bucket."""

    url: str
    door: Door

    @property
    def variables(self) -> dict[str, str]:
        """What a process needs to find it."""
        return {
            "AWS_ACCESS_KEY_ID": "an-id",
            "AWS_SECRET_ACCESS_KEY": "a-secret-that-no-log-may-show",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.url,
        }

    def address(self, name: str) -> str:
        """A lake's."""
        return f"s3://{BUCKET}/{name}"


@contextmanager
def running_object_store() -> Iterator[ObjectStore]:
    """Ready when the block begins, gone when it ends."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"  # connections are kept, as a real store keeps them

        def log_request(self, *_: Any) -> None:
            """Thousands of lines."""

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    door = Door(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    store = ObjectStore(f"http://127.0.0.1:{server.server_port}", door)
    try:
        _make_bucket(store)
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _make_bucket(store: ObjectStore) -> None:
    import httpx

    httpx.put(f"{store.url}/{BUCKET}").raise_for_status()
