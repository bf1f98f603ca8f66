"""`-v`: whether the package tells on standard error what it does and waits for. What it tells is said where it happens."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

_PACKAGE = logging.getLogger("insights_pipeline")


def is_verbose() -> bool:
    """Whether it was asked for."""
    return _PACKAGE.isEnabledFor(logging.INFO)


def _tell(wanted: bool) -> None:
    # This package's messages only: those of HTTP libraries hold addresses with everything that is in them.
    _PACKAGE.setLevel(logging.INFO if wanted else logging.WARNING)
    _PACKAGE.propagate = not wanted
    _PACKAGE.handlers = [_handler()] if wanted else []


def _handler() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    return handler


Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", callback=_tell, help="Tell each day and each wait for JumpCloud, instead of a bar."
    ),
]
"""For every command that asks JumpCloud."""
