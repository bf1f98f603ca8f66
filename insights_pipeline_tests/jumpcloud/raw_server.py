"""A server on loopback that answers each request with given bytes, so that a test decides what is on the wire."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def raw_server(answers: Sequence[bytes], *, leave_open: bool = False) -> AsyncIterator[str]:
    """Serves one connection an answer, then closes it, the last answer again and again; gives the address.

    With `leave_open` the server waits for the client to close.
    """
    remaining = list(answers)
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l"))
        await reader.readexactly(length)
        writer.write(remaining.pop(0) if len(remaining) > 1 else remaining[0])
        with suppress(ConnectionError):
            await writer.drain()
            if leave_open:
                await reader.read()
            writer.close()
            await writer.wait_closed()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        async with server:
            yield f"http://{host}:{port}"
    finally:
        await asyncio.gather(*connections)


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An HTTP answer; `length` is what it claims its body's length to be, by default the truth."""
    lines = [f"HTTP/1.1 {status}", "connection: close", f"content-length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body
