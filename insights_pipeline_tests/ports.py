"""Ports of loopback that nobody listens on, for servers that tests start as processes."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Free a moment ago; taken by whoever is told it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
