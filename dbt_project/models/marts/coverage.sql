select
    org,
    service,
    date,
    state,
    expected_events,
    held_events,
    late_events,
    counted_at,
    fetched_at,
    expires_on
from {{ source('lake', 'coverage') }}
