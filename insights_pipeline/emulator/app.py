"""The ASGI application: paths, headers and connections of the emulated service, and the calls that control it."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from insights_pipeline.emulator.behaviour import Behaviour, Call
from insights_pipeline.emulator.service import Answer, Emulator

BASE_PATH = "/insights/directory/v1"

_CALLS: dict[str, Call] = {
    f"{BASE_PATH}/events": "events",
    f"{BASE_PATH}/events/count": "count",
    f"{BASE_PATH}/events/distinct": "distinct",
    f"{BASE_PATH}/events/interval": "interval",
    "/oauth2/token": "token",
}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})
_BEHAVIOUR = TypeAdapter(Behaviour)


class _DroppedResponse(Response):
    """Announces its whole length and stops half-way: the server closes the connection on an unfinished answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def build_app(emulator: Emulator) -> Starlette:
    """The application that serves one emulator."""
    control = _Control(emulator)
    routes = [Route(path, _endpoint(emulator, call), methods=["POST"]) for path, call in _CALLS.items()]
    routes += [
        Route("/_emulator/behaviour", control.behaviour, methods=["GET", "POST"]),
        Route("/_emulator/withhold", control.withhold, methods=["POST"]),
        Route("/_emulator/reveal", control.reveal, methods=["POST"]),
        Route("/_emulator/requests", control.requests, methods=["GET", "DELETE"]),
        Route("/_emulator/truth", control.truth, methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _error})


def _endpoint(emulator: Emulator, call: Call) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        arrived = time.monotonic()
        body = await request.body()
        organizations = request.headers.getlist("x-org-id")
        answer = emulator.answer(call, request.headers, organizations, body, arrived)
        accepts_gzip = "gzip" in request.headers.get("accept-encoding", "")
        response = await _response(answer, compress=emulator.behaviour.gzip and accepts_gzip)
        await _sleep_until(arrived + _seconds(answer, emulator.behaviour))
        return response

    return endpoint


def _seconds(answer: Answer, behaviour: Behaviour) -> float:
    """How long an answer takes at least; what computing it took is part of that, not on top."""
    delays = sum(fault.amount for fault in answer.faults if fault.kind == "delayed")
    milliseconds = behaviour.latency_milliseconds + delays + answer.rows * behaviour.row_microseconds / 1_000
    return milliseconds / 1_000


async def _sleep_until(moment: float) -> None:
    remaining = moment - time.monotonic()
    if remaining > 0:
        await asyncio.sleep(remaining)


async def _response(answer: Answer, *, compress: bool) -> Response:
    kinds = {fault.kind for fault in answer.faults}
    headers, body = dict(answer.headers), answer.body
    if "not_json" in kinds:
        headers["Content-Type"] = "text/html"
        body = b"<html><body>The service is being updated.</body></html>"
    if "garbled" in kinds:
        middle = len(body) // 2
        body = body[:middle] + b"\xff" + body[middle + 1 :]
    if "cut" in kinds:
        body = body[: len(body) // 2]
    if compress:
        body = await asyncio.to_thread(gzip.compress, body, 1)
        headers["Content-Encoding"] = "gzip"
    response_class = _DroppedResponse if "dropped" in kinds else Response
    return response_class(body, answer.status, headers)


async def _error(request: Request, error: Exception) -> Response:
    """Wrong paths and methods, in the API's own error shape."""
    assert isinstance(error, HTTPException)
    return _json({"message": error.detail}, error.status_code)


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


class _Control:
    """Calls under ``/_emulator`` that JumpCloud does not have: change the behaviour, look behind the answers."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def behaviour(self, request: Request) -> Response:
        """GET shows all settings; POST changes those that its JSON object names."""
        settings = _BEHAVIOUR.dump_python(self._emulator.behaviour)
        if request.method == "POST":
            changes = await self._body(request)
            try:
                changed = _BEHAVIOUR.validate_python(settings | changes)
            except ValidationError as error:
                problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
                raise HTTPException(400, problems) from None
            for name in changes:
                setattr(self._emulator.behaviour, name, getattr(changed, name))
        self._only_from_loopback(request)
        return Response(_BEHAVIOUR.dump_json(self._emulator.behaviour), media_type="application/json")

    async def withhold(self, request: Request) -> Response:
        """Holds back every n-th event (``every``) of one ``service`` or of all; answers how many."""
        body = await self._body(request)
        every, only = body.get("every", 1), body.get("service")
        if not isinstance(every, int) or every < 1:
            raise HTTPException(400, "every: expected a whole number above 0")
        withheld = self._emulator.store.withhold(
            lambda owner, service, row, position: only in (None, service) and position % every == every - 1
        )
        return _json({"withheld": withheld})

    async def reveal(self, request: Request) -> Response:
        """Lets ``count`` withheld events (all, when not given) be found; answers how many."""
        count = (await self._body(request)).get("count")
        if count is not None and (not isinstance(count, int) or count < 0):
            raise HTTPException(400, "count: expected a whole number")
        return _json({"revealed": self._emulator.store.reveal(count)})

    async def requests(self, request: Request) -> Response:
        """GET lists what was served so far; DELETE forgets it."""
        self._only_from_loopback(request)
        if request.method == "DELETE":
            self._emulator.requests.clear()
        return _json([asdict(recorded) for recorded in self._emulator.requests])

    async def truth(self, request: Request) -> Response:
        """The ids that ``service`` holds from ``start`` to before ``end`` for ``org``."""
        body = await self._body(request)
        try:
            start, end = (datetime.fromisoformat(body[name]) for name in ("start", "end"))
            ids = self._emulator.truth.ids(body["service"], start, end, body.get("org", "self"))
        except (KeyError, TypeError, ValueError):
            raise HTTPException(400, "expected service, start and end") from None
        return _json({"ids": ids})

    async def _body(self, request: Request) -> dict[str, Any]:
        self._only_from_loopback(request)
        try:
            return msgspec.json.decode(await request.body() or b"{}", type=dict[str, Any])
        except msgspec.MsgspecError:
            raise HTTPException(400, "expected a JSON object") from None

    @staticmethod
    def _only_from_loopback(request: Request) -> None:
        if request.client is None or request.client.host not in _LOOPBACK:
            raise HTTPException(403, "The control calls answer on loopback only")
