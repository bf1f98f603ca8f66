"""Regions and addresses."""

import pytest

from insights_pipeline.jumpcloud import REGION_HOSTS, api_url
from insights_pipeline.jumpcloud.addresses import checked_url


def test_every_region_has_an_https_address_of_an_api_host() -> None:
    assert [api_url(region) for region in REGION_HOSTS] == [
        "https://api.jumpcloud.com",
        "https://api.eu.jumpcloud.com",
        "https://api.in.jumpcloud.com",
    ]


def test_an_unknown_region_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="no region 'au': use one of us, eu, in"):
        api_url("au")


def test_trailing_slashes_are_cut() -> None:
    assert checked_url("http://127.0.0.1:8080//", "API address") == "http://127.0.0.1:8080"


@pytest.mark.parametrize("url", ["", "api.jumpcloud.com", "ftp://api.jumpcloud.com", "https://", "https://\x00"])
def test_what_is_no_web_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="The token address is no web address"):
        checked_url(url, "token address")
