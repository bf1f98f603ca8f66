"""What can go wrong with JumpCloud, and the sentence that says so. Whether to try again is `retries`' business.

    JumpCloudError
    ├── RequestRefused            JumpCloud understood and said no; asking again changes nothing
    │   ├── BadRequest            400
    │   ├── Unauthorized          401
    │   ├── NotEntitled           402
    │   ├── Forbidden             403
    │   └── NotFound              404
    ├── Unavailable               no usable answer after every attempt: network, time-outs, 429, 5xx
    ├── BadAnswer                 an answer, after every attempt, that contradicts itself
    └── LimitUnavailable          the limit that workers share can't be asked, so that nothing may be sent

No message carries a credential, an event or any part of an answer's body, save the server's own `message` on a 400.
"""

import re
from typing import ClassVar

import msgspec

from insights_pipeline.jumpcloud.implausible import UNREADABLE

# A server's message is for one line of a terminal; JumpCloud's longest known one lists some 30 services.
_LONGEST_MESSAGE = 500

# A refused service is answered with the services that exist. The wording is not documented, so the list is taken to be
# the words between the last announcement of one and the end of the sentence or bracket.
_ANNOUNCEMENT = re.compile(r"\b(?:valid|allowed|accepted|available|supported|one(?: or more)? of)\b", re.IGNORECASE)
_LIST_END = re.compile(r"[.\])}]")
_WORD = re.compile(r"\w+")
_NO_SERVICES = frozenset(
    {"and", "are", "be", "following", "is", "names", "of", "one", "or", "service", "services", "the", "values"}
)


class JumpCloudError(Exception):
    """Anything that keeps the API from answering.

    `asked` names the services and the window, `request_id` is JumpCloud's id of the last answer where there was one,
    `attempts` says how often it was tried.
    """

    def __init__(self, reason: str, *, asked: str = "", request_id: str | None = None, attempts: int = 1) -> None:
        self.reason = reason
        self.asked = asked
        self.request_id = request_id
        self.attempts = attempts
        super().__init__(reason)

    def __str__(self) -> str:
        details = [
            self.asked,
            f"request {self.request_id}" if self.request_id else "",
            f"{self.attempts} attempts" if self.attempts > 1 else "",
        ]
        context = ", ".join(detail for detail in details if detail)
        return f"{self.reason} ({context})" if context else self.reason


class RequestRefused(JumpCloudError):
    """JumpCloud refused the request with `status`; `server_message` is what it said, possibly nothing."""

    advice: ClassVar[str] = "JumpCloud refused the request: check the API address."

    def __init__(
        self,
        *,
        status: int,
        server_message: str = "",
        asked: str = "",
        request_id: str | None = None,
        attempts: int = 1,
    ) -> None:
        self.status = status
        self.server_message = server_message
        super().__init__(
            f"HTTP {status}: {self.explain(server_message)}", asked=asked, request_id=request_id, attempts=attempts
        )

    @classmethod
    def explain(cls, server_message: str) -> str:
        """What is wrong and what to do, in one sentence."""
        return cls.advice


class BadRequest(RequestRefused):
    """400: the query, a service or, reported by some, the organization id. `valid_services` is empty if it was not
    told.
    """

    @property
    def valid_services(self) -> tuple[str, ...]:
        """The services that the answer says this region has."""
        return valid_services(self.server_message)

    @classmethod
    def explain(cls, server_message: str) -> str:
        said = f' and said "{server_message}"' if server_message else ""
        return f"JumpCloud does not accept the query{said}: correct the services, times, fields or organization id."


class Unauthorized(RequestRefused):
    """401: the credential is not, or no longer, valid."""

    advice = (
        "JumpCloud does not accept the credential, it is wrong, expired, rotated or of another region: "
        "generate a new one in the admin portal and set JUMPCLOUD_API_KEY, or the service account's id and secret."
    )


class NotEntitled(RequestRefused):
    """402: the organization has not bought Directory Insights."""

    advice = (
        "Directory Insights is not enabled for this organization: "
        "enable it in the admin portal or check the organization id."
    )


class Forbidden(RequestRefused):
    """403: a role without access, another organization, or the host of another region."""

    advice = (
        "JumpCloud denies access: check that the administrator's role may read Directory Insights, "
        "that the organization id is one it manages, and that the region is the account's own."
    )


class NotFound(RequestRefused):
    """404: nothing answers at that address."""

    advice = "there is no Directory Insights API at this address: check the region or the API address."


class Unavailable(JumpCloudError):
    """The network or JumpCloud failed at every attempt; asking again later may work."""


class BadAnswer(JumpCloudError):
    """JumpCloud's answers contradicted themselves at every attempt, so none of them was believed."""


class LimitUnavailable(JumpCloudError):
    """The limit that workers share can't be asked or told; nothing is sent without it."""


_REFUSALS: dict[int, type[RequestRefused]] = {
    400: BadRequest,
    401: Unauthorized,
    402: NotEntitled,
    403: Forbidden,
    404: NotFound,
}


def refusal(status: int, body: bytes, *, asked: str, request_id: str | None, attempts: int) -> RequestRefused:
    """The error for a status that is not worth a second try."""
    kind = _REFUSALS.get(status, RequestRefused)
    return kind(
        status=status, server_message=server_message(body), asked=asked, request_id=request_id, attempts=attempts
    )


class _ErrorBody(msgspec.Struct):
    message: str = ""


def server_message(body: bytes) -> str:
    """The text of an error answer `{"message": "..."}` in one printable line, or nothing if the body is anything
    else.
    """
    try:
        message = msgspec.json.decode(body, type=_ErrorBody).message
    except UNREADABLE:
        return ""
    printable = "".join(character if character.isprintable() else " " for character in message)
    return " ".join(printable.split())[:_LONGEST_MESSAGE]


def valid_services(message: str) -> tuple[str, ...]:
    """The service names that a refusal lists, in its order; none if it lists none."""
    announced = _ANNOUNCEMENT.split(message)[1:]
    words = _WORD.findall(_LIST_END.split(announced[-1])[0]) if announced else []
    return tuple(dict.fromkeys(word for word in words if word not in _NO_SERVICES))
