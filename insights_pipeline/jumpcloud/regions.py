"""Where JumpCloud's API lives: the host of each region. What is asked there is `queries`' business."""

from collections.abc import Mapping
from types import MappingProxyType

REGION_HOSTS: Mapping[str, str] = MappingProxyType(
    {
        "us": "api.jumpcloud.com",
        # The specification's prose sends EU customers to console.eu; its host template, and JumpCloud's own exporter,
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
