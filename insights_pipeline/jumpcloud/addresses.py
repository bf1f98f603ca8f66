"""Where JumpCloud's API is: the host of each region, and what an address must look like."""

from collections.abc import Mapping
from types import MappingProxyType

import httpx

REGION_HOSTS: Mapping[str, str] = MappingProxyType(
    {
        "us": "api.jumpcloud.com",
        # The specification's prose names console.eu for EU customers; its host template and JumpCloud's own exporter
        # use api.eu.
        "eu": "api.eu.jumpcloud.com",
        "in": "api.in.jumpcloud.com",
    }
)


def api_url(region: str) -> str:
    """The address of a region's API, as `https://host` without a path.

    Raises ValueError for a region that JumpCloud does not have.
    """
    try:
        return f"https://{REGION_HOSTS[region]}"
    except KeyError:
        raise ValueError(f"JumpCloud has no region {region!r}: use one of {', '.join(REGION_HOSTS)}.") from None


def checked_url(url: str, name: str) -> str:
    """`url` without trailing slashes. Raises ValueError, naming it, for what is no web address."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in {"https", "http"} or not parsed.host:
        raise ValueError(f"The {name} is no web address: it must be like https://api.jumpcloud.com.")
    return url.rstrip("/")
