{%- set passed_on = [
    'event_id', 'occurred_at', 'event_date', 'org', 'service', 'event_service', 'organization', 'client_ip', 'success',
    'error_message', 'username', 'initiated_by', 'resource', 'application', 'system', 'useragent', 'geoip', 'mfa',
    'auth_method', 'changes', 'association', 'auth_context', 'sso_token_success', 'idp_initiated', 'error_code', 'dn',
    'auth_meta', 'mfa_meta', 'outer_error_message', 'src_ip', 'process_name', 'misfits',
    'event'
] -%}

-- The events are read twice and not named once, for an engine may write out what is named once and read twice: all
-- events, where either half needs few.
with classified_event_types as (
    select * from {{ ref('int_classified_event_types') }}
),

-- Old events can lack their type. Fields that no other type has tell RADIUS and SSO sign-ins.
unnamed as (
    select
        *,
        case
            when
                coalesce(
                    {{ json_text('event', '$.eap_type') }},
                    {{ json_text('event', '$.nas_mfa_state') }},
                    {{ json_text('event', '$.auth_type') }}
                ) is not null
                then 'radius_auth_attempt'
            when {{ json_text('event', '$.sso_token_success') }} is not null then 'sso_auth'
        end as inferred_event_type
    from {{ ref('stg_insights__events') }}
    where event_type is null
)

select
    {% for column in passed_on %}
        events.{{ column }},
    {% endfor %}
    events.event_type,
    false as is_event_type_inferred,
    classified_event_types.event_class
from {{ ref('stg_insights__events') }} as events
inner join classified_event_types on events.event_type = classified_event_types.event_type
union all
select
    {% for column in passed_on %}
        {{ column }},
    {% endfor %}
    inferred_event_type as event_type,
    true as is_event_type_inferred,
    case when inferred_event_type is null then 'other' else 'authentication' end as event_class
from unnamed
