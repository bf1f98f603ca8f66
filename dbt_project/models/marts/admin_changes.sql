{{ config(materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail') }}

with changes as (
    select
        *,
        coalesce({{ initiator_name('initiated_by') }}, nullif(username, ''), 'JumpCloud') as actor,
        concat_ws(' ', replace(object_type, '_', ' '), coalesce(object_name, object_id)) as object_phrase,
        concat_ws(' ', replace(target_type, '_', ' '), coalesce(target_name, target_id)) as target_phrase
    from {{ ref('int_admin_changes') }}
)

select
    event_id,
    occurred_at,
    event_date,
    org,
    service,
    event_type,
    action,
    object_type,
    object_id,
    object_name,
    actor,
    actor_type,
    via,
    nullif(client_ip, '') as client_ip,
    nullif(geoip.country_code, '') as country_code,
    case
        when action = 'associate' and target_type is not null and operation in ('remove', 'delete')
            then actor || ' removed ' || object_phrase || ' from ' || target_phrase
        when action = 'associate' and target_type is not null
            then actor || ' added ' || object_phrase || ' to ' || target_phrase
        when action = 'create' then actor || ' created ' || object_phrase
        when action = 'delete' then actor || ' deleted ' || object_phrase
        when action = 'update' then actor || ' changed ' || object_phrase
        else actor || ': ' || replace(event_type, '_', ' ') || coalesce(' ' || object_phrase, '')
    end as summary,
    nullif(initiated_by.id, '') as actor_id,
    target_type,
    target_id,
    target_name,
    operation as association_operation,
    case
        when success then 'success'
        when not success then 'failure'
        else 'unknown'
    end as outcome,
    nullif(error_message, '') as error_message,
    coalesce({{ user_agent_text('useragent') }}, agent_as_text) as user_agent,
    nullif(geoip.region_name, '') as region_name,
    event_service,
    organization
from changes
