"""Whether this pipeline may be among the callers that still use an old API key, from what was published; asks nobody.

A key that JumpCloud accepts is no old one. But a copy of the pipeline that was forgotten somewhere, with the key of before,
shows in the report of old keys: as a program that asks for events.
"""

from __future__ import annotations

from pathlib import Path

from insights_pipeline.cli.doctor.check import Check
from insights_pipeline.warehouse import WarehouseError, published_file, query

# The events name the key's owner and the caller, not the key: by what is called one knows whether it could be a pipeline.
_COLLECTORS = """
select client_ip, user_agent, admin_email, strftime(last_seen, '%Y-%m-%d %H:%M') as last_seen, attempts
from old_api_key_sources
where status = 'active' and (contains(lower(user_agent), 'insights-pipeline') or contains(api_path, '/insights/directory/v1/events'))
order by old_api_key_sources.last_seen desc
"""


def check_old_keys(home: Path) -> list[Check]:
    """A warning for each address that collects events with an old key; nothing where no database was published yet."""
    if not published_file(home).exists():
        return []
    try:
        callers = query(home, _COLLECTORS).to_pylist()
    except WarehouseError:
        return []  # that the database can't be read is said by another check
    if not callers:
        return [Check("ok", "no program collects events with an old API key")]
    return [
        Check(
            "warn",
            f"{row['client_ip']} asks for events with an old API key of {row['admin_email']}, last on {row['last_seen']} UTC "
            f"({row['user_agent'] or 'unknown program'}, {row['attempts']:,} calls)",
            "If that is a copy of this pipeline, give it the new key; every such caller: "
            '`insights query "from old_api_key_sources"`.',
        )
        for row in callers
    ]
