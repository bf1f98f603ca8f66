"""Who may ask, and for which organizations: API keys, service-account tokens, organization and provider headers."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from insights_pipeline.emulator.behaviour import Behaviour
from insights_pipeline.emulator.refusal import Refusal

DEMO_API_KEY = "jca_demo_key_of_the_emulator"
DEMO_CLIENT_ID = "demo-client-of-the-emulator"
DEMO_CLIENT_SECRET = "demo-secret-of-the-emulator"  # noqa: S105 - opens nothing but the emulator

_OBJECT_ID = re.compile(r"[0-9a-f]{24}")


@dataclass
class Access:
    """The owners that exist and the tokens given out.

    `organizations` and `provider` are 24-digit hexadecimal ids; a provider has events of its own.
    """

    organizations: tuple[str, ...]
    provider: str | None
    _tokens: dict[str, datetime] = field(default_factory=dict)

    def authenticate(self, headers: Mapping[str, str], now: datetime) -> None:
        """Raises Refusal 401 unless the request carries the demo API key or a token that still runs."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            if self._tokens.get(token, now) > now:
                return
        elif secrets.compare_digest(headers.get("x-api-key", "").encode(), DEMO_API_KEY.encode()):
            return
        raise Refusal(401, "Unauthorized")

    def owners(self, requested: list[str], provider: str | None, behaviour: Behaviour) -> tuple[str, ...]:
        """Whose events the request is about: the `x-org-id` headers, or the `x-provider-id` header.

        Without either it is the only organization there is; a key for several must name some.
        """
        if not behaviour.entitled:
            raise Refusal(402, "Directory Insights is not enabled for this organization")
        if not behaviour.role_allowed:
            raise Refusal(403, "Forbidden")
        if provider is not None:
            if provider != self.provider:
                raise Refusal(403, "Forbidden")
            return (provider,)
        if not requested:
            if len(self.organizations) > 1:
                raise Refusal(403, "x-org-id is required for a multi-tenant administrator")
            return self.organizations
        for organization in requested:
            if not _OBJECT_ID.fullmatch(organization):
                raise Refusal(400, "Invalid x-org-id")
            if organization not in self.organizations or organization in behaviour.forbidden_organizations:
                raise Refusal(403, "Forbidden")
        return tuple(dict.fromkeys(requested))

    def grant_token(self, authorization: str, form: bytes, now: datetime, seconds: int) -> dict[str, str | int]:
        """The answer to a client-credentials request: a new bearer token that runs for `seconds`."""
        scheme, _, encoded = authorization.partition(" ")
        try:
            credentials = base64.b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
        except binascii.Error:
            credentials = b""
        if not secrets.compare_digest(credentials, f"{DEMO_CLIENT_ID}:{DEMO_CLIENT_SECRET}".encode()):
            raise Refusal(401, "Client authentication failed")
        wanted = parse_qs(form.decode("ascii", "replace"))
        if wanted.get("grant_type") != ["client_credentials"] or wanted.get("scope") != ["api"]:
            raise Refusal(400, "Expected grant_type client_credentials and scope api")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = now + timedelta(seconds=seconds)
        return {"access_token": token, "token_type": "bearer", "expires_in": seconds, "scope": "api"}
