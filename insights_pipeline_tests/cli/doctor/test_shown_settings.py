"""Every setting is shown, and no secret in it."""

from typing import Any

from insights_pipeline.cli.doctor.shown_settings import shown_settings
from insights_pipeline.settings import IsolatedSettings, Settings

SECRET = "not-to-be-shown"


def shown(**values: Any) -> dict[str, tuple[str, str]]:
    return {row.variable: (row.value, row.source) for row in shown_settings(IsolatedSettings(**values))}


def test_every_setting_is_shown_by_its_variable() -> None:
    assert shown().keys() == {field.alias for field in Settings.model_fields.values()}


def test_values_are_told_from_defaults() -> None:
    settings = shown(JUMPCLOUD_ORG_IDS="one,two", INSIGHTS_RETENTION_DAYS=15)
    assert settings["JUMPCLOUD_ORG_IDS"] == ("one,two", "environment")
    assert settings["INSIGHTS_RETENTION_DAYS"] == ("15", "environment")
    assert settings["JUMPCLOUD_REGION"] == ("us", "default")
    assert settings["JUMPCLOUD_API_URL"] == ("", "default")


def test_no_secret_is_shown_nor_how_long_it_is() -> None:
    settings = shown(
        JUMPCLOUD_API_KEY=SECRET,
        JUMPCLOUD_CLIENT_ID="client",
        JUMPCLOUD_CLIENT_SECRET=SECRET * 2,
        JUMPCLOUD_API_URL=f"https://user:{SECRET}@api.example.com:8443/path",
        JUMPCLOUD_TOKEN_URL=f"https://{SECRET}@token.example.com",
        INSIGHTS_SHARED_LIMIT_URL=f"postgresql://insights:{SECRET}@db.example.com/insights",
    )
    assert SECRET not in str(settings)
    assert settings["JUMPCLOUD_API_KEY"] == settings["JUMPCLOUD_CLIENT_SECRET"] == ("********", "environment")
    assert settings["JUMPCLOUD_CLIENT_ID"] == ("client", "environment")
    assert settings["JUMPCLOUD_API_URL"][0] == "https://********@api.example.com:8443/path"
