"""Opens the API with the credentials of the settings, and asks whether they are good; collecting is not done here."""

from __future__ import annotations

from datetime import datetime, timedelta

from insights_pipeline.collector.shared_limit import shared_pace
from insights_pipeline.jumpcloud import (
    TOKEN_URL,
    ApiKey,
    Credentials,
    DirectoryInsights,
    EventQuery,
    RequestLimits,
    RequestRefused,
    ServiceAccount,
    api_url,
)
from insights_pipeline.settings import SELF, Settings, SettingsError


def connect(settings: Settings) -> DirectoryInsights:
    """A client, still to be entered, with the settings' address, credentials and limits; raises SettingsError."""
    who = credentials(settings)
    limits = RequestLimits(settings.max_requests_per_second, settings.max_concurrency, pace=shared_pace(settings, who))
    return DirectoryInsights(settings.api_url or api_url(settings.region), who, limits=limits)


def credentials(settings: Settings) -> Credentials:
    """The service account where one is set, else the API key; raises SettingsError where there is none that can be sent."""
    settings.require_credentials()
    try:
        return _credentials(settings)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _credentials(settings: Settings) -> Credentials:
    if settings.client_id is not None and settings.client_secret is not None:
        secret = settings.client_secret.get_secret_value()
        return ServiceAccount(settings.client_id, secret, token_url=settings.token_url or TOKEN_URL)
    if settings.api_key is None:
        raise SettingsError("There is no API key: set JUMPCLOUD_API_KEY.")
    return ApiKey(settings.api_key.get_secret_value())


def client_for(client: DirectoryInsights, org: str) -> DirectoryInsights:
    """The client as it asks for what lies under `org=` in the lake: an organization, a provider, or the key's own."""
    if org == SELF:
        return client
    provider = org.removeprefix("provider-")
    return client.for_organization(org) if provider == org else client.for_provider(provider)


async def check_access(settings: Settings, now: datetime) -> None:
    """One cheap count, so that a wrong key is told before anything is written; raises RequestRefused, Unavailable.

    With several organizations one that may be read is enough: those that refuse must not stop the others.
    """
    moment = now.replace(microsecond=0)
    query = EventQuery("directory", moment - timedelta(minutes=1), moment)
    refusals: list[RequestRefused] = []
    async with connect(settings) as client:
        for org in settings.orgs:
            try:
                await client_for(client, org).count(query)
            except RequestRefused as error:
                refusals.append(error)
            else:
                return
    raise refusals[0]
