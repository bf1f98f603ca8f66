{{ config(
    materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail',
    partition_by=['org', 'service', 'event_date']
) }}

-- By account and not by person: whom an account belongs to can become known later.
select
    org,
    service,
    event_date,
    coalesce(actor_id, lower(actor)) as account_key,
    {{ latest('actor', 'occurred_at') }} as actor,
    {{ latest('actor_type', 'occurred_at') }} as actor_type,
    count(*) as attempts,
    count(*) filter (where outcome = 'success') as successes,
    count(*) filter (where outcome = 'failure') as failures,
    count(*) filter (where mfa_used) as attempts_with_mfa,
    max(occurred_at) filter (where outcome = 'success') as last_success_at,
    max(occurred_at) filter (where outcome = 'failure') as last_failure_at,
    max(occurred_at) as last_attempt_at,
    {{ sorted_distinct('mfa_factor') }} as factors,
    {{ sorted_distinct('country_code') }} as countries,
    {{ sorted_distinct('channel') }} as channels
from {{ ref('authentications') }} as attempts
{{ only_changed_days('attempts', 'event_date') }}
group by org, service, event_date, coalesce(actor_id, lower(actor))
