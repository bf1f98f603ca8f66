"""Puts an emulator on a loopback port: in a thread for tests and the demo, or blocking for the command line."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import uvicorn

from insights_pipeline.emulator.app import build_app
from insights_pipeline.emulator.behaviour import Behaviour
from insights_pipeline.emulator.service import Emulator, RecordedRequest
from insights_pipeline.emulator.store import EventStore
from insights_pipeline.emulator.tenant.model import Tenant
from insights_pipeline.emulator.truth import Truth

_HOST = "127.0.0.1"
_START_SECONDS = 10.0


@dataclass(frozen=True)
class RunningEmulator:
    """An emulator and its address. `url` is scheme, host and port, as ``JUMPCLOUD_API_URL`` wants it."""

    url: str
    emulator: Emulator

    @property
    def tenant(self) -> Tenant:
        return self.emulator.tenant

    @property
    def behaviour(self) -> Behaviour:
        return self.emulator.behaviour

    @property
    def requests(self) -> list[RecordedRequest]:
        return self.emulator.requests

    @property
    def truth(self) -> Truth:
        return self.emulator.truth

    @property
    def store(self) -> EventStore:
        return self.emulator.store

    def arrive(self, service: str, events: Sequence[Mapping[str, Any]], org: str = "self") -> None:
        """Let events come in from now on; see :meth:`Emulator.arrive`."""
        self.emulator.arrive(service, events, org)


@contextmanager
def serve(
    tenant: Tenant,
    *,
    behaviour: Behaviour | None = None,
    clock: Callable[[], datetime] | None = None,
    port: int = 0,
) -> Iterator[RunningEmulator]:
    """Serve a tenant from a thread of this process until the block is left.

    `clock` gives the aware instant that the service takes for now (default: the real one); `port` 0 is any free one.
    """
    emulator = Emulator(tenant, behaviour, clock)
    with _listening(port) as listener:
        server = _server(emulator)
        thread = threading.Thread(target=server.run, args=([listener],), name="emulator", daemon=True)
        thread.start()
        try:
            _wait_for_start(server, thread)
            yield RunningEmulator(_url(listener), emulator)
        finally:
            server.should_exit = True
            thread.join()


def run(
    tenant: Tenant,
    *,
    behaviour: Behaviour | None = None,
    port: int = 0,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve a tenant until the process is interrupted; `on_ready` gets the address once connections are taken.

    Raises OSError when the port is taken.
    """
    with _listening(port) as listener:
        on_ready(_url(listener))
        try:
            _server(Emulator(tenant, behaviour)).run([listener])
        except KeyboardInterrupt:
            return


def _server(emulator: Emulator) -> uvicorn.Server:
    # Without log_config uvicorn leaves the process's logging alone; faults that drop connections would otherwise be
    # reported as errors of the server.
    config = uvicorn.Config(
        build_app(emulator),
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.create_server((_HOST, port), backlog=128) as listener:
        yield listener


def _url(listener: socket.socket) -> str:
    return f"http://{_HOST}:{listener.getsockname()[1]}"


def _wait_for_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the emulator did not start")
        time.sleep(0.005)
