{{ config(
    materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail',
    partition_by=['org', 'service', 'date']
) }}

select
    event_date as date,
    org,
    service,
    channel,
    outcome,
    country_code,
    count(*) as attempts,
    count(distinct person_id) as people,
    count(distinct client_ip) as addresses,
    count(*) filter (where mfa_used) as attempts_with_mfa
from {{ ref('authentications') }} as attempts
{{ only_changed_days('attempts', 'event_date') }}
group by event_date, org, service, channel, outcome, country_code
