{{ config(
    materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail'
) }}

-- Names under which accounts were seen, per day, so that a day that is read again takes back what it said.
with events as (
    select * from {{ ref('int_events_classified') }}
    where event_class = 'authentication' or event_class like 'admin_change%'
),

seen as (
    select
        org,
        service,
        event_date,
        occurred_at,
        nullif(initiated_by.id, '') as account_id,
        {{ account_type('initiated_by.type') }} as account_type,
        coalesce(nullif(initiated_by.username, ''), {{ ldap_user("nullif(username, '')") }}) as username,
        nullif(initiated_by.email, '') as email
    from events
    where initiated_by.type is distinct from 'system'
    union all
    select
        org,
        service,
        event_date,
        occurred_at,
        nullif(resource.id, '') as account_id,
        {{ account_type('resource.type') }} as account_type,
        nullif(resource.username, '') as username,
        nullif(resource.email, '') as email
    from events
    where lower(resource.type) in ('user', 'admin', 'systemuser')
)

select
    org,
    service,
    event_date,
    account_id,
    account_type,
    lower(username) as username,
    lower(email) as email,
    max(occurred_at) as last_seen
from seen
where coalesce(account_id, username, email) is not null
group by org, service, event_date, account_id, account_type, lower(username), lower(email)
