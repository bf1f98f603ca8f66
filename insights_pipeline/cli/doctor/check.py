"""What a check came to: good, doubtful or broken, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """`what` was looked at and how it is; `remedy`, where it isn't well, is one sentence."""

    verdict: Verdict
    what: str
    remedy: str = ""
