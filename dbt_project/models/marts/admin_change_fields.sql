{{ config(
    materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail',
    partition_by=['org', 'service', 'event_date']
) }}

select
    event_id,
    occurred_at,
    event_date,
    org,
    service,
    event_type,
    position_in_event,
    field,
    label,
    old_value,
    new_value,
    area,
    effect,
    case when effect = 'weakens' then reason end as risk
from {{ ref('int_judged_change_fields') }}
