{{ config(materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail') }}

with changed as (
    select
        event_id,
        occurred_at,
        event_date,
        org,
        service,
        event_type,
        unnest({{ json_elements('changes') }}) as change
    from {{ ref('int_admin_changes') }}
    where changes is not null
)

select
    event_id,
    occurred_at,
    event_date,
    org,
    service,
    event_type,
    {{ json_text('change', '$.field') }} as field,
    {{ json_value('change', '$.from') }} as old_value,
    {{ json_value('change', '$.to') }} as new_value
from changed
where {{ json_text('change', '$.field') }} is not null
