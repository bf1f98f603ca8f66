with events as (
    select * from {{ ref('stg_insights__events') }}
),

-- A type means the same class in every service that has it (a data test holds the catalogue to that), so that the
-- class is found even for an event that was filed under another service than the catalogue says.
catalogue as (
    select
        event_type,
        min(class) as class
    from {{ ref('event_types') }}
    group by event_type
),

named as (
    select
        events.*,
        false as is_event_type_inferred,
        coalesce(catalogue.class, {{ event_class_by_name('events.event_type') }}) as event_class
    from events
    left join catalogue on events.event_type = catalogue.event_type
    where events.event_type is not null
),

-- Old events can lack their type. Fields that no other type has tell RADIUS and SSO sign-ins.
unnamed as (
    select
        events.* replace (
            case
                when
                    coalesce(
                        {{ json_text('event', '$.eap_type') }},
                        {{ json_text('event', '$.nas_mfa_state') }},
                        {{ json_text('event', '$.auth_type') }}
                    ) is not null
                    then 'radius_auth_attempt'
                when {{ json_text('event', '$.sso_token_success') }} is not null then 'sso_auth'
            end as event_type
        ),
        true as is_event_type_inferred
    from events
    where event_type is null
)

select * from named
union all by name
select
    unnamed.*,
    coalesce(catalogue.class, 'other') as event_class
from unnamed
left join catalogue on unnamed.event_type = catalogue.event_type
