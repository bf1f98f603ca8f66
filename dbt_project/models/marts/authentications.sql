{{ config(
    materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail',
    partition_by=['org', 'service', 'event_date'],
    post_hook="{{ name_persons_again() }}"
) }}

with attempts as (
    select * from {{ ref('int_authentications') }}
),

catalogue as (
    select * from {{ ref('event_types') }}
),

any_service as (
    select
        event_type,
        min(channel) as channel
    from {{ ref('event_types') }}
    group by event_type
),

ldap_result_codes as (
    select * from {{ ref('ldap_result_codes') }}
),

named as (
    select
        attempts.event_id,
        attempts.occurred_at,
        attempts.event_date,
        attempts.org,
        attempts.service,
        attempts.event_type,
        coalesce(catalogue.channel, any_service.channel, {{ channel_by_service('attempts.service') }}) as channel,
        -- Where nobody is named as the initiator, the account that the event is about is the one that signed in.
        coalesce(
            case when attempts.initiated_by.type = 'admin' then nullif(attempts.initiated_by.email, '') end,
            nullif(attempts.initiated_by.username, ''),
            nullif(attempts.account_name, ''),
            nullif(attempts.resource.username, ''),
            case when attempts.event_type like 'admin%' then nullif(attempts.resource.email, '') end,
            {{ initiator_name('attempts.initiated_by') }},
            nullif(attempts.resource.email, '')
        ) as actor,
        case
            when {{ account_type('attempts.initiated_by.type') }} in ('admin', 'user')
                then {{ account_type('attempts.initiated_by.type') }}
            when attempts.event_type like 'admin%' then 'admin'
            else 'user'
        end as actor_type,
        coalesce(
            nullif(attempts.initiated_by.id, ''),
            case
                when lower(attempts.resource.type) in ('admin', 'user', 'systemuser')
                    then nullif(attempts.resource.id, '')
            end
        ) as actor_id,
        case
            when attempts.has_succeeded then 'success'
            when not attempts.has_succeeded then 'failure'
            else 'unknown'
        end as outcome,
        case
            when not attempts.has_succeeded
                then coalesce(
                    nullif(attempts.error_message, ''),
                    nullif(attempts.outer_reason, ''),
                    case when attempts.event_type like '%lockout' then 'account locked' end,
                    ldap_result_codes.meaning
                )
        end as failure_reason,
        attempts.has_used_mfa as mfa_used,
        case
            when not attempts.has_used_mfa then null
            when {{ list_length('attempts.succeeded_factors') }} > 0
                then {{ joined('attempts.succeeded_factors', ', ') }}
            when attempts.mfa_meta_type not in ('', 'none') then attempts.mfa_meta_type
        end as mfa_factor,
        attempts.address as client_ip,
        nullif(attempts.geoip.country_code, '') as country_code,
        coalesce(
            nullif(attempts.application.display_label, ''),
            nullif(attempts.application.name, ''),
            nullif(attempts.resource.application_name, ''),
            {{ first_match('attempts.application.sso_url', '/([^/?#]+)/?(?:[?#].*)?$') }}
        ) as application,
        coalesce(
            nullif(attempts.system.displayName, ''),
            nullif(attempts.system.hostname, ''),
            {{ json_string('attempts.context_system', '$.displayName') }},
            {{ json_string('attempts.context_system', '$.hostname') }}
        ) as device,
        coalesce({{ user_agent_text('attempts.useragent') }}, attempts.agent_as_text) as user_agent,
        nullif(attempts.application.id, '') as application_id,
        coalesce(
            nullif(attempts.system.id, ''),
            {{ json_string('attempts.context_system', '$.id') }}
        ) as device_id,
        attempts.program,
        nullif(attempts.geoip.region_name, '') as region_name,
        attempts.geoip.latitude,
        attempts.geoip.longitude,
        attempts.is_idp_initiated,
        attempts.event_service,
        attempts.organization,
        attempts.is_event_type_inferred
    from attempts
    left join catalogue
        on
            attempts.service = catalogue.service
            and attempts.event_type = catalogue.event_type
    left join any_service on attempts.event_type = any_service.event_type
    left join ldap_result_codes on attempts.result_code = ldap_result_codes.code
)

select
    named.*,
    coalesce(person_names.person_id, lower(named.actor)) as person_id
from named
left join {{ ref('int_person_names') }} as person_names
    on
        named.org = person_names.org
        and coalesce(named.actor_id, lower(named.actor)) = person_names.key
