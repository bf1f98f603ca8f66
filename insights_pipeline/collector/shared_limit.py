"""The rate limit that workers on several hosts share, where the settings name one. How it is kept is `jumpcloud`'s to know."""

from __future__ import annotations

from insights_pipeline.jumpcloud import Credentials, Pace
from insights_pipeline.settings import Settings, SettingsError


def shared_pace(settings: Settings, credentials: Credentials) -> Pace | None:
    """The pace of everybody with these credentials; None where nothing is shared. Raises SettingsError."""
    if settings.shared_limit_url is None:
        return None
    # psycopg is there only with the extra, and of no use to anybody else.
    try:
        from insights_pipeline.jumpcloud.shared_pace import SharedPace
    except ModuleNotFoundError as error:
        raise _missing(error) from None
    url = settings.shared_limit_url.get_secret_value()
    return SharedPace(url, credentials.limit_key, settings.max_requests_per_second)


def check_shared_limit(settings: Settings) -> None:
    """Raises SettingsError or LimitUnavailable where one is set and can't be shared; changes nothing."""
    if settings.shared_limit_url is None:
        return
    try:
        from insights_pipeline.jumpcloud.shared_pace import check_shared_pace
    except ModuleNotFoundError as error:
        raise _missing(error) from None
    check_shared_pace(settings.shared_limit_url.get_secret_value())


def _missing(error: ModuleNotFoundError) -> SettingsError:
    return SettingsError(
        f"INSIGHTS_SHARED_LIMIT_URL needs {error.name}, which isn't installed: pip install 'insights-pipeline[cluster]'."
    )
