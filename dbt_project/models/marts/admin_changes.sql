{{ config(
    materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail',
    partition_by=['org', 'service', 'event_date']
) }}

{%- set fields_in_summary = 5 %}

with phrased as (
    select
        changes.*,
        coalesce({{ initiator_name('changes.initiated_by') }}, nullif(changes.username, ''), 'JumpCloud') as actor,
        -- An organization is the only one of its kind; a name can say the kind itself ("Policy 5").
        case
            when changes.object_type = 'organization' then object_types.in_words
            when
                left(replace(lower(changes.object_name), '_', ' '), length(changes.object_type) + 1)
                = replace(lower(changes.object_type), '_', ' ') || ' '
                then changes.object_name
            else concat_ws(
                ' ',
                coalesce(object_types.in_words, {{ in_words('changes.object_type') }}),
                coalesce(changes.object_name, changes.object_id)
            )
        end as object_phrase,
        concat_ws(
            ' ',
            coalesce(target_types.in_words, {{ in_words('changes.target_type') }}),
            coalesce(changes.target_name, changes.target_id)
        ) as target_phrase,
        phrases.phrase,
        phrases.area as phrase_area,
        phrases.effect as phrase_effect,
        phrases.reason as phrase_reason,
        object_types.area as object_area
    from {{ ref('int_admin_changes') }} as changes
    left join {{ ref('change_phrases') }} as phrases on changes.event_type = phrases.event_type
    left join {{ ref('object_types') }} as object_types
        on replace(lower(changes.object_type), '_', '') = object_types.object_type
    left join {{ ref('object_types') }} as target_types
        on replace(lower(changes.target_type), '_', '') = target_types.object_type
),

fields as (
    select
        event_id,
        event_date,
        org,
        service,
        case
            when old_value is null and new_value is null then label
            when old_value is null then label || ' ' || {{ readable_value('new_value') }}
            else label || ' ' || {{ readable_value('old_value') }} || ' → ' || {{ readable_value('new_value') }}
        end as field_phrase,
        area,
        effect,
        reason,
        -- What weakens comes first: a sentence that is cut must not hide it.
        row_number() over (
            partition by org, service, event_date, event_id
            order by effect = 'weakens' desc, effect = 'strengthens' desc, position_in_event asc, field asc
        ) as place
    from {{ ref('int_judged_change_fields') }}
),

field_lists as (
    select
        event_id,
        event_date,
        org,
        service,
        {{ joined_in_order('field_phrase', ', ', 'place') }} filter (
            where place <= {{ fields_in_summary }}
        ) || case
            when count(*) > {{ fields_in_summary }}
                then ' and ' || (count(*) - {{ fields_in_summary }}) || ' more'
            else ''
        end as field_list,
        max(case when place = 1 then area end) as field_area,
        max(case when place = 1 then effect end) as field_effect,
        max(case when place = 1 and effect = 'weakens' then reason end) as field_risk
    from fields
    group by org, service, event_date, event_id
),

judged as (
    select
        phrased.*,
        field_lists.field_list,
        field_lists.field_risk,
        field_lists.field_effect,
        field_lists.field_area,
        -- A link can carry administrator rights on the device that it gives.
        coalesce(phrased.operation, '') <> 'remove'
        and coalesce({{ json_text('phrased.link_attributes', '$.sudo.enabled') }}, '') = 'true' as gives_sudo
    from phrased
    left join field_lists
        on
            phrased.org = field_lists.org
            and phrased.service = field_lists.service
            and phrased.event_date = field_lists.event_date
            and phrased.event_id = field_lists.event_id
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
    concat(
        actor,
        case when success is false then ' tried in vain: ' else ' ' end,
        case
            when target_type is not null
                then concat(
                    case
                        when operation in ('remove', 'delete') then 'removed '
                        when operation = 'update' then 'changed '
                        else 'added '
                    end,
                    object_phrase,
                    case
                        when operation in ('remove', 'delete') then ' from '
                        when operation = 'update' then ' in '
                        else ' to '
                    end,
                    target_phrase,
                    case when gives_sudo then ' with administrator rights' else '' end
                )
            when phrase is not null then concat(phrase, ' ', object_phrase)
            when action = 'create' then concat('created ', object_phrase)
            when action = 'delete' then concat('deleted ', object_phrase)
            when action = 'update' then concat('changed ', object_phrase)
            else concat({{ in_words('event_type') }}, ' ', object_phrase)
        end,
        case when field_list is not null then concat(': ', field_list) else '' end
    ) as summary,
    nullif(initiated_by.id, '') as actor_id,
    target_type,
    target_id,
    target_name,
    operation as association_operation,
    case
        when field_effect = 'weakens' then field_area
        when gives_sudo then 'privileges'
        when action = 'associate' then coalesce(phrase_area, 'membership')
        else coalesce(phrase_area, field_area, object_area, 'other')
    end as area,
    case
        when 'weakens' in (coalesce(field_effect, ''), coalesce(phrase_effect, '')) or gives_sudo then 'weakens'
        when 'strengthens' in (coalesce(field_effect, ''), coalesce(phrase_effect, '')) then 'strengthens'
        else 'neutral'
    end as effect,
    coalesce(
        field_risk,
        case when phrase_effect = 'weakens' then phrase_reason end,
        case when gives_sudo then 'The account can do everything on the device.' end
    ) as risk,
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
from judged
