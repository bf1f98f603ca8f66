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
        {{ json_elements('changes') }} as listed_changes
    from {{ ref('int_admin_changes') }}
    where changes is not null
),

named as (
    select
        listed.*,
        elements.position_in_event,
        {{ json_text('elements.change', '$.field') }} as named_field,
        {{ json_value('elements.change', '$.from') }} as value_before,
        {{ json_value('elements.change', '$.to') }} as value_after
    from listed
    {{ join_elements('listed.listed_changes', 'change', 'position_in_event') }}
    where {{ json_text('elements.change', '$.field') }} is not null
),

comparable as (
    select
        *,
        {{ json_named_list_as_object('value_before') }} as old_comparable,
        {{ json_named_list_as_object('value_after') }} as new_comparable
    from named
),

typed as (
    select
        *,
        coalesce({{ is_json_object('old_comparable') }}, false) as is_old_object,
        coalesce({{ is_json_object('new_comparable') }}, false) as is_new_object
    from comparable
),

-- An object against an object, or against nothing, is looked into; everything else is one field.
objects as (
    select
        *,
        case
            when is_old_object and (is_new_object or coalesce(new_comparable, 'null') = 'null') then old_comparable
        end as old_object,
        case
            when is_new_object and (is_old_object or coalesce(old_comparable, 'null') = 'null') then new_comparable
        end as new_object
    from typed
),

compared as (
    select
        *,
        {{ json_differences('old_object', 'new_object') }} as inner_differences
    from objects
),

differing as (
    select
        *,
        coalesce(
            inner_differences,
            {{ list_of_one({
                'path': 'cast(null as string)', 'old_value': 'value_before', 'new_value': 'value_after'
            }) }}
        ) as differences
    from compared
)

select
    differing.event_id,
    differing.occurred_at,
    differing.event_type,
    differing.event_date,
    differing.org,
    differing.service,
    differing.object_type,
    cast(differing.position_in_event as integer) as position_in_event,
    differing.named_field || coalesce('.' || elements.difference.path, '') as field,
    elements.difference.old_value,
    elements.difference.new_value
from differing
{{ join_elements('differing.differences', 'difference', 'place') }}
