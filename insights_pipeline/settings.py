"""Every setting, typed and checked, from the environment. Nothing else in the package touches the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

SELF = "self"
"""The `org` of events collected without naming an organization."""

REGIONS = ("us", "eu", "in")

_FOLDER_SAFE = re.compile(r"[A-Za-z0-9_-]+")

# Amazon S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage. A prefix without characters that have to be
# written otherwise in an address, or that mean something in a pattern.
_OBJECT_STORE = re.compile(r"(s3|gs|az)://[A-Za-z0-9._-]+(/[A-Za-z0-9._=-]+)*/?")


class SettingsError(Exception):
    """A setting is missing or wrong: one sentence that says which and what to do."""


def _comma_separated(text: object) -> object:
    if isinstance(text, str):
        return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    return text


class Settings(BaseSettings):
    """The environment variables named by each field's alias; an empty variable counts as unset."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore")

    api_key: SecretStr | None = Field(None, alias="JUMPCLOUD_API_KEY")
    client_id: str | None = Field(None, alias="JUMPCLOUD_CLIENT_ID")
    client_secret: SecretStr | None = Field(None, alias="JUMPCLOUD_CLIENT_SECRET")
    token_url: str | None = Field(None, alias="JUMPCLOUD_TOKEN_URL")
    region: Literal["us", "eu", "in"] = Field("us", alias="JUMPCLOUD_REGION")
    api_url: str | None = Field(None, alias="JUMPCLOUD_API_URL")
    org_ids: Annotated[tuple[str, ...], NoDecode] = Field((), alias="JUMPCLOUD_ORG_IDS")
    provider_id: str | None = Field(None, alias="JUMPCLOUD_PROVIDER_ID")

    home: Path = Field(Path("data"), alias="INSIGHTS_HOME")
    lake: Path | str | None = Field(None, alias="INSIGHTS_LAKE")
    """A folder, or the address of an object store (`s3://bucket/prefix`), which is kept as text."""
    services: Annotated[tuple[str, ...], NoDecode] = Field((), alias="INSIGHTS_SERVICES")
    start_date: date | None = Field(None, alias="INSIGHTS_START_DATE")
    retention_days: int = Field(90, ge=1, le=3650, alias="INSIGHTS_RETENTION_DAYS")
    settle_minutes: int = Field(60, ge=0, le=7 * 24 * 60, alias="INSIGHTS_SETTLE_MINUTES")
    lookback_days: int = Field(3, ge=0, le=90, alias="INSIGHTS_LOOKBACK_DAYS")
    max_requests_per_second: float = Field(10, gt=0, le=10_000, alias="INSIGHTS_MAX_REQUESTS_PER_SECOND")
    max_concurrency: int = Field(8, ge=1, le=256, alias="INSIGHTS_MAX_CONCURRENCY")

    shared_limit_url: SecretStr | None = Field(None, alias="INSIGHTS_SHARED_LIMIT_URL")

    lake_retention_days: int | None = Field(None, ge=1, alias="INSIGHTS_LAKE_RETENTION_DAYS")
    schedules: bool = Field(False, alias="INSIGHTS_SCHEDULES")
    alert_urls: Annotated[tuple[SecretStr, ...], NoDecode] = Field((), alias="INSIGHTS_ALERT_URLS")

    dagster_home: Path | None = Field(None, alias="DAGSTER_HOME")
    spark_master: str | None = Field(None, alias="SPARK_MASTER")
    java_home: Path | None = Field(None, alias="JAVA_HOME")

    _split = field_validator("org_ids", "services", "alert_urls", mode="before")(_comma_separated)

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """From the environment, with `overrides` by alias; raises SettingsError."""
        try:
            return cls(**overrides)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = ".".join(str(part) for part in first["loc"]) or "The environment"
            reason = first["msg"].removeprefix("Value error, ")
            raise SettingsError(f"{name} can't be used: {reason}.") from None

    @field_validator("org_ids", "services")
    @classmethod
    def _fit_for_folder_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not _FOLDER_SAFE.fullmatch(name):
                raise ValueError(f"{name!r} has characters other than letters, digits, '_' and '-'")
        return names

    @field_validator("provider_id")
    @classmethod
    def _provider_fit_for_folder_name(cls, name: str | None) -> str | None:
        return None if name is None else cls._fit_for_folder_names((name,))[0]

    @field_validator("api_url", "token_url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ValueError("it is not an address that begins with https:// (or http:// on loopback)")
        return None if url is None else url.rstrip("/")

    @field_validator("shared_limit_url")
    @classmethod
    def _is_postgres_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and urlsplit(url.get_secret_value()).scheme not in ("postgresql", "postgres"):
            raise ValueError("it is not an address that begins with postgresql://")
        return url

    @field_validator("lake", mode="before")
    @classmethod
    def _is_folder_or_address(cls, lake: object) -> object:
        if not isinstance(lake, str):
            return lake
        if "://" not in lake:
            return Path(lake)
        if _OBJECT_STORE.fullmatch(lake) is None:
            raise ValueError(
                f"{lake!r} is neither a folder nor an address such as s3://bucket/prefix: it begins with s3://, gs:// or az://, "
                "and the prefix is of letters, digits and . _ = -"
            )
        return lake.rstrip("/")

    @model_validator(mode="after")
    def _service_account_is_whole(self) -> Self:
        if (self.client_id is None) != (self.client_secret is None):
            raise ValueError("JUMPCLOUD_CLIENT_ID and JUMPCLOUD_CLIENT_SECRET belong together, set both or neither")
        return self

    @model_validator(mode="after")
    def _lake_keeps_what_can_be_had(self) -> Self:
        if self.lake_retention_days is not None and self.lake_retention_days <= self.retention_days:
            raise ValueError(
                f"INSIGHTS_LAKE_RETENTION_DAYS must be more than INSIGHTS_RETENTION_DAYS, which is {self.retention_days}: "
                "what JumpCloud still has would be fetched again"
            )
        return self

    def require_credentials(self) -> None:
        """Raises SettingsError where neither an API key nor a service account is set."""
        if self.api_key is None and self.client_id is None:
            raise SettingsError(
                "There are no credentials: set JUMPCLOUD_API_KEY, or JUMPCLOUD_CLIENT_ID and JUMPCLOUD_CLIENT_SECRET, "
                "or try `insights demo`, which needs none."
            )

    @property
    def lake_root(self) -> Path | str:
        """Where raw pages and typed events lie: a folder, or the address of an object store."""
        return self.lake if self.lake is not None else self.home / "lake"

    @property
    def orgs(self) -> tuple[str, ...]:
        """The `org` folder names that are collected: ids as asked for, the provider's own last."""
        provider = () if self.provider_id is None else (f"provider-{self.provider_id}",)
        return (self.org_ids + provider) or (SELF,)

    def oldest_day(self, now: datetime) -> date:
        """The first UTC day whose events the API still holds in full."""
        return (now.astimezone(UTC) - timedelta(days=self.retention_days)).date() + timedelta(days=1)

    def first_day(self, now: datetime) -> date:
        """The first UTC day that is collected by default."""
        return max(self.oldest_day(now), self.start_date or date.min)


def of_others(*names: str) -> str | None:
    """The first of these variables that is set and not empty: of other programs' settings, such as AWS_REGION."""
    return next((value for name in names if (value := os.environ.get(name))), None)


def with_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """What a program that is started finds: the whole environment, and these on top."""
    return {**os.environ, **variables}


class IsolatedSettings(Settings):
    """Settings from the values given, by alias, and from nothing else: for the demo and for tests."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Leaves out the environment."""
        return (init_settings,)


@contextmanager
def exported(variables: Mapping[str, str]) -> Iterator[None]:
    """Puts variables into the environment for tools that can only be told that way, such as dbt started by Dagster."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
