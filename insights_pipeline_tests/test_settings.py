"""Settings come from the environment, checked, and wrong ones are told in a sentence."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from insights_pipeline.settings import IsolatedSettings, Settings, SettingsError, exported

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_without_an_environment_everything_has_a_default() -> None:
    settings = IsolatedSettings()
    assert settings.region == "us"
    assert settings.orgs == ("self",)
    assert settings.lake_root == Path("data/lake")


def test_lists_are_split_at_commas_and_keep_their_order() -> None:
    settings = IsolatedSettings(JUMPCLOUD_ORG_IDS=" b, a ,b,", JUMPCLOUD_PROVIDER_ID="p1")
    assert settings.orgs == ("b", "a", "provider-p1")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("JUMPCLOUD_REGION", "moon", "'us', 'eu' or 'in'"),
        ("JUMPCLOUD_API_URL", "api.jumpcloud.com", "https://"),
        ("JUMPCLOUD_ORG_IDS", "../escape", "letters, digits"),
        ("JUMPCLOUD_PROVIDER_ID", "a/b", "letters, digits"),
        ("INSIGHTS_LAKE", "ftp://bucket/prefix", "s3://bucket/prefix"),
        ("INSIGHTS_LAKE", "s3://bucket/a prefix", "letters, digits"),
        ("INSIGHTS_START_DATE", "yesterday", "date"),
        ("INSIGHTS_MAX_CONCURRENCY", "0", "greater than or equal to 1"),
        ("JUMPCLOUD_CLIENT_ID", "alone", "JUMPCLOUD_CLIENT_SECRET"),
        ("INSIGHTS_LAKE_RETENTION_DAYS", "90", "more than INSIGHTS_RETENTION_DAYS"),
        ("INSIGHTS_SCHEDULES", "sometimes", "boolean"),
        ("INSIGHTS_SHARED_LIMIT_URL", "db.example.org:5432", "postgresql://"),
    ],
)
def test_a_wrong_value_is_told_in_a_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_secret_shows_in_no_text_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUMPCLOUD_API_KEY", "jca_very_secret")
    settings = Settings.load()
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "jca_very_secret"
    assert "very_secret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_addresses_of_alerts_are_secrets_and_schedules_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Settings.load().schedules
    monkeypatch.setenv("INSIGHTS_SCHEDULES", "on")
    monkeypatch.setenv("INSIGHTS_ALERT_URLS", "https://hooks.example.org/very_secret, json://127.0.0.1/other")
    settings = Settings.load()
    assert settings.schedules
    assert [url.get_secret_value() for url in settings.alert_urls] == [
        "https://hooks.example.org/very_secret",
        "json://127.0.0.1/other",
    ]
    assert "very_secret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_missing_credentials_are_told_with_the_remedy() -> None:
    with pytest.raises(SettingsError, match="JUMPCLOUD_API_KEY"):
        IsolatedSettings().require_credentials()


def test_isolated_settings_ignore_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUMPCLOUD_REGION", "eu")
    assert Settings.load().region == "eu"
    assert IsolatedSettings().region == "us"


def test_the_oldest_day_is_one_that_is_still_whole() -> None:
    # 90 days before 03:00 on the 23rd lies at 03:00 of 25 August: that day has lost its first three hours already.
    assert IsolatedSettings().oldest_day(NOW) == date(2026, 8, 26)


def test_the_first_day_is_the_start_date_unless_it_is_past_retention() -> None:
    assert IsolatedSettings(INSIGHTS_START_DATE="2026-11-01").first_day(NOW) == date(2026, 11, 1)
    assert IsolatedSettings(INSIGHTS_START_DATE="2020-01-01").first_day(NOW) == date(2026, 8, 26)


def test_exported_variables_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", "before")
    with exported({"INSIGHTS_HOME": "during", "INSIGHTS_LAKE": "made"}):
        assert Settings.load().home == Path("during")
        assert Settings.load().lake == Path("made")
    assert Settings.load().home == Path("before")
    assert Settings.load().lake is None
