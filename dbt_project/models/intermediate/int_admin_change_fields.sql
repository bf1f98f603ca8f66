{{ config(materialized='table') }}

-- A table, since settings, judgements and summaries are all made from it; it holds the changed days alone.
with listed as (
    select
        event_id,
        occurred_at,
        event_type,
        event_date,
        org,
        service,
        object_type,
        {{ json_elements('changes') }} as elements
    from {{ ref('int_admin_changes') }}
    where changes is not null
),

numbered as (
    select
        event_id,
        occurred_at,
        event_type,
        event_date,
        org,
        service,
        object_type,
        unnest(elements) as element,
        unnest(range(1, len(elements) + 1)) as position_in_event
    from listed
),

named as (
    select
        event_id,
        occurred_at,
        event_type,
        event_date,
        org,
        service,
        object_type,
        cast(position_in_event as integer) as position_in_event,
        {{ json_text('element', '$.field') }} as field,
        {{ json_value('element', '$.from') }} as old_value,
        {{ json_value('element', '$.to') }} as new_value
    from numbered
    where {{ json_text('element', '$.field') }} is not null
),

comparable as (
    select
        *,
        {{ json_named_list_as_object('old_value') }} as old_comparable,
        {{ json_named_list_as_object('new_value') }} as new_comparable
    from named
),

-- An object against an object, or against nothing, is looked into; everything else is one field.
nested as (
    select *
    from comparable
    where
        (
            coalesce({{ is_json_object('old_comparable') }}, false)
            or coalesce({{ is_json_object('new_comparable') }}, false)
        )
        and (coalesce({{ is_json_object('old_comparable') }}, true) or old_comparable = 'null')
        and (coalesce({{ is_json_object('new_comparable') }}, true) or new_comparable = 'null')
),

leaves as (
    select
        *,
        unnest({{ json_leaves('old_comparable') }}) as leaf,
        'old' as side
    from nested
    where {{ is_json_object('old_comparable') }}
    union all
    select
        *,
        unnest({{ json_leaves('new_comparable') }}) as leaf,
        'new' as side
    from nested
    where {{ is_json_object('new_comparable') }}
),

differing as (
    select
        event_id,
        occurred_at,
        event_type,
        event_date,
        org,
        service,
        object_type,
        position_in_event,
        field || '.' || leaf.path as field,
        max(case when side = 'old' then leaf.value end) as old_value,
        max(case when side = 'new' then leaf.value end) as new_value
    from leaves
    group by
        event_id,
        occurred_at,
        event_type,
        event_date,
        org,
        service,
        object_type,
        position_in_event,
        field,
        leaf.path
    having
        max(case when side = 'old' then leaf.value end) is distinct from max(case when side = 'new' then leaf.value end)
),

whole as (
    select
        named.event_id,
        named.occurred_at,
        named.event_type,
        named.event_date,
        named.org,
        named.service,
        named.object_type,
        named.position_in_event,
        named.field,
        named.old_value,
        named.new_value
    from named
    left join differing
        on
            named.org = differing.org
            and named.service = differing.service
            and named.event_date = differing.event_date
            and named.event_id = differing.event_id
            and named.position_in_event = differing.position_in_event
    where differing.event_id is null
)

select * from whole
union all
select * from differing
