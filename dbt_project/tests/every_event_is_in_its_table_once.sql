-- What the classification says of an event decides its table: no event of a changed day may be missing there, and no
-- row may be without its event.
with expected as (
    select
        org,
        service,
        event_date,
        event_id,
        case
            when event_class like 'admin_change%' then 'admin_changes'
            when event_class = 'authentication' then 'authentications'
            when event_class = 'old_api_key_attempt' then 'old_api_key_attempts'
        end as table_name
    from {{ ref('int_events_classified') }}
    where
        event_class like 'admin_change%'
        or event_class in ('authentication', 'old_api_key_attempt')
),

found as (
    {% for table in ['admin_changes', 'authentications', 'old_api_key_attempts'] %}
        select
            {{ table }}.org,
            {{ table }}.service,
            {{ table }}.event_date,
            {{ table }}.event_id,
            '{{ table }}' as table_name
        from {{ ref(table) }} as {{ table }}
        inner join {{ source('lake', 'changed_days') }} as changed
            on
                {{ table }}.org = changed.org
                and {{ table }}.service = changed.service
                and {{ table }}.event_date = changed.date
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

(
    select * from expected
    except all
    select * from found
)
union all
(
    select * from found
    except all
    select * from expected
)
