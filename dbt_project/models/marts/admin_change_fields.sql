{{ config(materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail') }}

with fields as (
    select * from {{ ref('int_judged_change_fields') }}
),

changes as (
    select
        event_id,
        event_date,
        org,
        service,
        event_type,
        occurred_at
    from {{ ref('int_admin_changes') }}
)

select
    fields.event_id,
    changes.occurred_at,
    fields.event_date,
    fields.org,
    fields.service,
    changes.event_type,
    fields.position_in_event,
    fields.field,
    fields.label,
    fields.old_value,
    fields.new_value,
    fields.area,
    fields.effect,
    case when fields.effect = 'weakens' then fields.reason end as risk
from fields
inner join changes
    on
        fields.org = changes.org
        and fields.service = changes.service
        and fields.event_date = changes.event_date
        and fields.event_id = changes.event_id
