with fields as (
    select * from {{ ref('int_admin_change_fields') }}
),

settings as (
    select * from {{ ref('int_changed_settings') }}
),

scored as (
    select
        fields.*,
        settings.area,
        settings.label,
        settings.stronger,
        settings.reason,
        {{ setting_score('fields.old_value', 'settings.ranking', 'settings.zero_is_no_limit') }} as old_score,
        {{ setting_score('fields.new_value', 'settings.ranking', 'settings.zero_is_no_limit') }} as new_score
    from fields
    inner join settings
        on
            coalesce(fields.object_type, '') = settings.object_type
            and fields.field = settings.field
)

select
    event_id,
    occurred_at,
    event_type,
    event_date,
    org,
    service,
    position_in_event,
    field,
    label,
    old_value,
    new_value,
    area,
    case
        when stronger = 'more' and new_score < old_score then 'weakens'
        when stronger = 'more' and new_score > old_score then 'strengthens'
        when stronger = 'less' and new_score > old_score then 'weakens'
        when stronger = 'less' and new_score < old_score then 'strengthens'
        else 'neutral'
    end as effect,
    reason
from scored
