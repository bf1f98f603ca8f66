{{ config(materialized='table') }}

-- Few fields change, however many changes there are: what is known of a field is looked up once per kind of field.
with fields as (
    select distinct
        coalesce(object_type, '') as object_type,
        field
    from {{ ref('int_admin_change_fields') }}
),

-- userPortal.idleSessionMinutes and user_portal.idle_session_minutes are one setting; config.acsUrl.value is acsUrl.
normalized as (
    select
        object_type,
        field,
        replace(lower(object_type), '_', '') as plain_object_type,
        {{ parts("regexp_replace(replace(replace(lower(field), '_', ''), '-', ''), '[.]value$', '')", '.') }} as parts
    from fields
),

settings as (
    select * from {{ ref('settings_that_matter') }}
),

object_types as (
    select * from {{ ref('object_types') }}
),

matched as (
    select
        normalized.object_type,
        normalized.field,
        coalesce(settings.area, object_types.area, 'other') as area,
        coalesce(settings.label, {{ in_words('normalized.field') }}) as label,
        settings.stronger,
        settings.ranking,
        coalesce(settings.zero_is_no_limit, false) as zero_is_no_limit,
        settings.reason,
        -- A row of the seed that names the kind of object or the group of settings beats one that doesn't.
        row_number() over (
            partition by normalized.object_type, normalized.field
            order by
                settings.object_type is not null desc,
                settings.parent is not null desc
        ) as preference
    from normalized
    left join settings
        on
            {{ list_last('normalized.parts') }} = settings.setting
            and (settings.parent is null or {{ list_has(list_before_last('normalized.parts'), 'settings.parent') }})
            and (settings.object_type is null or normalized.plain_object_type = settings.object_type)
    left join object_types on normalized.plain_object_type = object_types.object_type
)

select
    object_type,
    field,
    area,
    label,
    stronger,
    ranking,
    zero_is_no_limit,
    reason
from matched
where preference = 1
