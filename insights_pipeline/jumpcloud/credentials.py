"""Who asks: an administrator's API key or a service account. Where the secrets come from is not known here."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field

import httpx
import msgspec

from insights_pipeline.jumpcloud.addresses import checked_url
from insights_pipeline.jumpcloud.clock import Clock
from insights_pipeline.jumpcloud.implausible import UNREADABLE, Implausible

# The one token address known; whether other regions have their own is not documented.
TOKEN_URL = "https://admin-oauth.id.jumpcloud.com/oauth2/token"  # noqa: S105 - an address, not a secret

# A token is renewed so long before its end, or at half its life if that is later: it must outlast the request's upload.
_RENEWAL_SECONDS = 60.0

# OAuth only recommends telling the life; JumpCloud's own command line assumes this much where it is not told.
_DEFAULT_LIFE_SECONDS = 3600.0


@dataclass(frozen=True)
class ApiKey:
    """An administrator's API key, sent as `x-api-key`. Raises ValueError for what cannot be one."""

    key: str = field(repr=False)

    def __post_init__(self) -> None:
        _check_secret(self.key, "API key")

    @property
    def limit_key(self) -> str:
        """Tells whose requests count together, without telling the key."""
        return _digest(self.key)

    def auth(self, clock: Clock) -> httpx.Auth:
        """The key as httpx applies it."""
        return _ApiKeyAuth(self.key)


@dataclass(frozen=True)
class ServiceAccount:
    """A service account, whose id and secret get a bearer token at `token_url` (OAuth 2 client credentials).

    JumpCloud's own exporter always names an organization together with it. Raises ValueError for what cannot be one.
    """

    client_id: str
    client_secret: str = field(repr=False)
    token_url: str = TOKEN_URL

    def __post_init__(self) -> None:
        _check_secret(self.client_id, "client id")
        _check_secret(self.client_secret, "client secret")
        checked_url(self.token_url, "token address")

    @property
    def limit_key(self) -> str:
        """Tells whose requests count together; an account keeps it when its secret is exchanged."""
        return _digest(self.client_id)

    def auth(self, clock: Clock) -> httpx.Auth:
        """The account as httpx applies it, with a token cache of its own."""
        return _TokenAuth(self, clock)


Credentials = ApiKey | ServiceAccount


class TokenNotGranted(Exception):
    """The token address answered with `status` and an error `body`."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body
        super().__init__(f"the token address answered HTTP {status}")


def _digest(text: str) -> str:
    # Nobody can guess what 40 random characters make this.
    return hashlib.sha256(text.encode()).hexdigest()


def _check_secret(text: str, name: str) -> None:
    if not _fits_a_header(text):
        raise ValueError(f"The {name} is empty or holds spaces or other characters that none can have: copy it again.")


def _fits_a_header(text: str) -> bool:
    # Anything else would come back in the HTTP library's error message, secret and all.
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


class _ApiKeyAuth(httpx.Auth):
    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["x-api-key"] = self._key
        yield request


class _TokenAnswer(msgspec.Struct):
    access_token: str
    expires_in: float = _DEFAULT_LIFE_SECONDS


@dataclass(frozen=True)
class _Token:
    text: str = field(repr=False)
    renew_at: float


class _TokenAuth(httpx.Auth):
    """Fetches the token when it is first needed, before it ends and once when it is refused; one fetch at a time."""

    def __init__(self, account: ServiceAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._token: _Token | None = None
        self._renewal = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        for is_second_try in (False, True):
            # Nothing of this can move to a method of its own: what this generator yields is what httpx sends.
            async with self._renewal:
                token = self._token
                if token is None or self._clock.monotonic() >= token.renew_at:
                    answer = yield self._token_request(request)
                    await answer.aread()
                    token = self._token = self._granted(answer)
            request.headers["authorization"] = f"Bearer {token.text}"
            response = yield request
            if response.status_code != httpx.codes.UNAUTHORIZED or is_second_try:
                return
            if self._token is token:  # otherwise another request has renewed it meanwhile
                self._token = None

    def _token_request(self, request: httpx.Request) -> httpx.Request:
        token_request = httpx.Request(
            "POST",
            self._account.token_url,
            headers={"accept": "application/json", "user-agent": request.headers["user-agent"]},
            data={"grant_type": "client_credentials", "scope": "api"},
            extensions=dict(request.extensions),  # the time-outs: a request that no client built has none
        )
        basic = httpx.BasicAuth(self._account.client_id, self._account.client_secret)
        return next(basic.auth_flow(token_request))

    def _granted(self, answer: httpx.Response) -> _Token:
        if answer.status_code != httpx.codes.OK:
            raise TokenNotGranted(answer.status_code, answer.content)
        try:
            granted = msgspec.json.decode(answer.content, type=_TokenAnswer, strict=False)
        except UNREADABLE:
            raise Implausible("the token address answered without an access token") from None
        if not _fits_a_header(granted.access_token):
            raise Implausible("the token address answered with an access token that no header can carry")
        life = granted.expires_in
        return _Token(granted.access_token, self._clock.monotonic() + max(life - _RENEWAL_SECONDS, life / 2))
