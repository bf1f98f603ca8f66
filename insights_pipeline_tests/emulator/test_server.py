"""Starting and stopping: in this process's thread, and as a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from insights_pipeline.emulator import DEMO_API_KEY, Behaviour, Tenant, serve
from insights_pipeline_tests.emulator.conftest import NOW, PERIOD, client_of

QUERY = PERIOD | {"service": ["all"], "limit": 10}


def test_leaving_the_block_frees_port_and_thread(tenant: Tenant) -> None:
    before = set(threading.enumerate())
    with serve(tenant, clock=lambda: NOW) as emulator:
        url = emulator.url
        assert httpx.post(f"{url}/insights/directory/v1/events", json=QUERY).status_code == 401
    assert set(threading.enumerate()) <= before
    with pytest.raises(httpx.ConnectError):
        httpx.post(f"{url}/insights/directory/v1/events", json=QUERY)
    with serve(tenant, port=int(url.rpartition(":")[2])) as again:
        assert again.url == url


def test_a_taken_port_is_an_error_at_once(tenant: Tenant) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
        serve(tenant, port=taken.getsockname()[1]),
    ):
        pass


def test_many_requests_are_served_side_by_side(tenant: Tenant) -> None:
    slow = Behaviour(latency_milliseconds=150)
    with serve(tenant, behaviour=slow, clock=lambda: NOW) as emulator, client_of(emulator) as client:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: client.post("/events", json=QUERY), range(8)))
        assert {answer.status_code for answer in answers} == {200}
        assert max(answer.elapsed.total_seconds() for answer in answers) < 8 * 0.15


def test_it_runs_as_a_process_until_it_is_interrupted() -> None:
    program = (
        "from datetime import date\n"
        "from insights_pipeline.emulator import Tenant, run\n"
        "tenant = Tenant.invented(seed=1, last_day=date(2026, 3, 15), days=1, events_per_day=20)\n"
        "run(tenant, on_ready=lambda url: print(url, flush=True))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answer = httpx.post(
            f"{url}/insights/directory/v1/events/count", json=QUERY, headers={"x-api-key": DEMO_API_KEY}
        )
        process.send_signal(signal.SIGINT)
    assert (answer.status_code, process.returncode) == (200, 0)
