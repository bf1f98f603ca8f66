"""When a run asks an organization no further: it doesn't take the credential, or has not answered for long. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from insights_pipeline.jumpcloud import Unauthorized

# A day without an answer costs 24 requests and a minute and a half of pauses. As many days as there are services, so that
# those of one service alone, however many are rotten, stop nothing while others answer.
DAYS_WITHOUT_ANSWER = 16


class GivingUp:
    """Knows of the organizations of one run how they answered so far."""

    def __init__(self, orgs: Iterable[str]) -> None:
        self._orgs = frozenset(orgs)
        self._denied: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._unanswered: Counter[str] = Counter()

    def reason(self, org: str) -> str | None:
        """Why the organization is asked no further; None while it is."""
        return self._reasons.get(org)

    def denied(self, org: str, error: Unauthorized) -> str:
        """The organization refused the credential: one of several may be closed to it.

        Raises the error when all of them have refused it: then the credential itself is not valid.
        """
        self._denied.add(org)
        if self._orgs <= self._denied:
            raise error
        return self._reasons.setdefault(org, str(error))

    def answered(self, org: str) -> None:
        """A day was counted."""
        del self._unanswered[org]

    def unanswered(self, org: str, reason: str) -> None:
        """A day could not even be counted, for all that it was tried again."""
        self._unanswered[org] += 1
        if self._unanswered[org] >= DAYS_WITHOUT_ANSWER:
            self._reasons.setdefault(
                org,
                f"No answer for {DAYS_WITHOUT_ANSWER} days of services in a row, the others are left to the next run: {reason}",
            )
