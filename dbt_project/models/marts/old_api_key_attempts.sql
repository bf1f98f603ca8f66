{{ config(
    materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail',
    partition_by=['org', 'service', 'event_date']
) }}

-- Nothing but the type is certain to be there: no example of the event is public.
with attempts as (
    select
        *,
        {{ json_members('event', ['resource', 'useragent', 'user_agent']) }} as detail
    from {{ ref('int_events_classified') }}
    where event_class = 'old_api_key_attempt'
),

read as (
    select
        *,
        {{ called_resource('detail.resource') }} as called,
        coalesce(
            {{ json_string('detail.useragent', '$') }}, {{ json_string('detail.user_agent', '$') }}
        ) as agent_as_text
    from attempts
)

select
    event_id,
    occurred_at,
    event_date,
    org,
    service,
    coalesce(
        nullif(initiated_by.email, ''),
        nullif(resource.email, ''),
        nullif(initiated_by.username, ''),
        nullif(username, '')
    ) as admin_email,
    nullif(initiated_by.id, '') as admin_id,
    nullif(client_ip, '') as client_ip,
    nullif(geoip.country_code, '') as country_code,
    nullif(geoip.region_name, '') as region_name,
    coalesce(agent_as_text, {{ user_agent_text('useragent') }}) as user_agent,
    lower(coalesce(
        {{ first_match('called', '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^@/?#]*@)?([^/?#:]+)') }},
        {{ first_match('called', '^([A-Za-z0-9-]+(?:[.][A-Za-z0-9-]+)+)(?:[:/?#]|$)') }}
    )) as api_host,
    {{ first_match('called', '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://)?[^/?#]*(/[^?#]*)') }} as api_path
from read
