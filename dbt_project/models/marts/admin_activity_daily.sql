{{ config(
    materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail',
    partition_by=['org', 'service', 'date']
) }}

select
    event_date as date,
    org,
    service,
    actor,
    actor_type,
    via,
    action,
    area,
    count(*) as changes,
    count(*) filter (where effect = 'weakens') as weakening_changes,
    count(distinct concat_ws(' ', object_type, coalesce(object_id, object_name))) as objects
from {{ ref('admin_changes') }} as changes
{{ only_changed_days('changes', 'event_date') }}
group by event_date, org, service, actor, actor_type, via, action, area
