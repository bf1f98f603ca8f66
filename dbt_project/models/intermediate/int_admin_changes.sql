with changes as (
    select
        *,
        {{ json_members('event', ['idm_client_id', 'user_agent', 'useragent', 'resource', 'association']) }} as detail
    from {{ ref('int_events_classified') }}
    where event_class like 'admin_change%'
),

read as (
    select
        *,
        {{ json_value('association', '$.connection.from') }} as linked_from,
        {{ json_value('association', '$.connection.to') }} as linked_to,
        {{ json_value('association', '$.attributes') }} as link_attributes,
        lower({{ json_text('association', '$.op') }}) as operation,
        coalesce(
            {{ json_string('detail.useragent', '$') }}, {{ json_string('detail.user_agent', '$') }}
        ) as agent_as_text,
        -- What the type's name says was changed: user_group_admin_grant is about a user_group_admin.
        {{ first_match('event_type', '^(.*)_[a-z-]+$') }} as object_in_type_name,
        replace(event_class, 'admin_change_', '') as kind
    from changes
)

select
    *,
    case kind
        when 'association' then 'associate'
        when 'create' then 'create'
        when 'update' then 'update'
        when 'delete' then 'delete'
        else 'other'
    end as action,
    coalesce(
        nullif(resource.type, ''), {{ json_text('linked_from', '$.type') }}, object_in_type_name
    ) as object_type,
    coalesce(nullif(resource.id, ''), {{ json_text('linked_from', '$.object_id') }}) as object_id,
    coalesce(
        nullif(resource.name, ''),
        nullif(resource.displayName, ''),
        nullif(resource.username, ''),
        nullif(resource.email, ''),
        nullif(resource.hostname, ''),
        {{ json_text('linked_from', '$.name') }},
        nullif(application.display_label, ''),
        nullif(application.name, '')
    ) as object_name,
    {{ json_text('linked_to', '$.type') }} as target_type,
    {{ json_text('linked_to', '$.object_id') }} as target_id,
    {{ json_text('linked_to', '$.name') }} as target_name,
    coalesce(
        {{ account_type('initiated_by.type') }}, case when initiated_by.id is null then 'system' end
    ) as actor_type,
    case
        when lower(initiated_by.source) in ('scim', 'jumpcloud:scim') then 'directory sync'
        when lower(initiated_by.source) = 'system' then 'system'
        when lower(auth_method) in ('api key', 'api-key', 'api_key', 'apikey') then 'api key'
        when lower(auth_method) = 'session' then 'session'
        when coalesce(auth_method, '') = '' and initiated_by.id is null then 'system'
        else coalesce(nullif(lower(auth_method), ''), 'other')
    end as via
from read
