-- What the classification says of an event decides its table: no event of a changed day may be missing there, and no
-- row may be without its event. Compared by the number of the ids and a checksum over them, for each service, day and
-- table: comparing millions of ids one by one would cost more than building the tables.
with classified as (
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
),

expected as (
    select
        org,
        service,
        event_date,
        table_name,
        count(*) as events,
        {{ checksum('event_id') }} as checksum
    from classified
    where table_name is not null
    group by org, service, event_date, table_name
),

found as (
    {% for table in ['admin_changes', 'authentications', 'old_api_key_attempts'] %}
        select
            {{ table }}.org,
            {{ table }}.service,
            {{ table }}.event_date,
            '{{ table }}' as table_name,
            count(*) as events,
            {{ checksum(table ~ '.event_id') }} as checksum
        from {{ ref(table) }} as {{ table }}
        inner join {{ source('lake', 'changed_days') }} as changed
            on
                {{ table }}.org = changed.org
                and {{ table }}.service = changed.service
                and {{ table }}.event_date = changed.date
        group by {{ table }}.org, {{ table }}.service, {{ table }}.event_date
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
