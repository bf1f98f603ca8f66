"""How the emulator says no: one exception that carries an HTTP status and the API's one-field error body."""

from __future__ import annotations


class Refusal(Exception):
    """A request that is answered with an error instead of data.

    The body of every error of the API is ``{"message": "<text>"}``, whatever the status.
    """

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}
