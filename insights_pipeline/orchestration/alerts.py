"""Sends sentences to where people read them: Slack, a plain webhook, or whatever else Apprise knows. What is told isn't known here."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import apprise

from insights_pipeline.settings import Settings, SettingsError

# A message is to be read: a first look at a long neglected tenant may find hundreds.
MOST_SENTENCES = 20

# Apprise's names for a POST of JSON to any address: what people call a webhook.
_WEBHOOKS = {"http": "json", "https": "jsons"}


# It logs addresses that it can't read, with the secrets in them.
logging.getLogger("apprise").disabled = True


class NotDelivered(Exception):
    """Not every address took the message; they are told by number, since addresses are secrets."""


@dataclass(frozen=True)
class Alerts:
    """The addresses of INSIGHTS_ALERT_URLS; raises SettingsError for one that can't be used."""

    settings: Settings
    _apprise: apprise.Apprise = field(init=False, repr=False)

    def __post_init__(self) -> None:
        addresses = apprise.Apprise()
        for number, url in enumerate(self.settings.alert_urls, start=1):
            if not addresses.add(_service_of(url.get_secret_value())):
                raise SettingsError(
                    f"INSIGHTS_ALERT_URLS can't be used: its address number {number} is neither a webhook that begins with "
                    "https:// nor an address that Apprise knows (https://github.com/caronc/apprise/wiki)."
                )
        object.__setattr__(self, "_apprise", addresses)

    @property
    def anywhere(self) -> bool:
        """Whether there is an address at all."""
        return len(self._apprise) > 0

    def send(self, title: str, sentences: Sequence[str]) -> None:
        """One message; raises NotDelivered."""
        lines = [f"- {sentence}" for sentence in sentences[:MOST_SENTENCES]]
        if len(sentences) > MOST_SENTENCES:
            lines.append(f"- and {len(sentences) - MOST_SENTENCES:,} more: see Dagster's page.")
        refused = [
            str(number)
            for number, address in enumerate(self._apprise, start=1)
            if not address.notify(title=title, body="\n".join(lines), body_format=apprise.NotifyFormat.TEXT)
        ]
        if refused:
            raise NotDelivered(
                f"INSIGHTS_ALERT_URLS: address number {', '.join(refused)} did not take the alert; it is sent again."
            )


def _service_of(url: str) -> str:
    """Slack's and other known webhooks are told by their host; any other web address gets the message as JSON."""
    scheme = urlsplit(url).scheme
    if scheme in _WEBHOOKS and apprise.Apprise.instantiate(url) is None:
        return _WEBHOOKS[scheme] + url.removeprefix(scheme)
    return url
