-- The table macros of the published database, each with its comment, which `select function_name, comment from
-- duckdb_functions() where not internal` shows.

create macro person_timeline(wanted) as table
with persons as (
    select distinct org, person_id
    from main.authentications
    where lower(wanted) in (lower(actor), lower(person_id), lower(actor_id))
)
select
    occurred_at,
    'authentication' as kind,
    actor,
    concat_ws(' ', channel, outcome, application, device, failure_reason) as what,
    client_ip,
    country_code,
    service,
    event_id,
    org
from main.authentications
where lower(actor) = lower(wanted) or (org, person_id) in (from persons)
union all by name
select
    occurred_at,
    'admin change' as kind,
    actor,
    summary as what,
    client_ip,
    country_code,
    service,
    event_id,
    org
from main.admin_changes
where
    lower(wanted) in (lower(actor), lower(actor_id), lower(object_name), lower(object_id), lower(target_name), lower(target_id))
union all by name
select
    occurred_at,
    'old API key' as kind,
    admin_email as actor,
    concat_ws(' ', api_host, api_path) as what,
    client_ip,
    country_code,
    service,
    event_id,
    org
from main.old_api_key_attempts
where lower(wanted) in (lower(admin_email), lower(admin_id))
order by occurred_at desc;

comment on macro table person_timeline is 'Everything that a person did or that was done to the person''s account, newest first: name, e-mail address or id.';

create macro admin_changes_between(from_time, to_time) as table
select
    changes.occurred_at,
    changes.summary,
    changes.actor,
    changes.via,
    changes.area,
    changes.effect,
    changes.risk,
    changes.object_type,
    changes.object_name,
    changes.client_ip,
    changes.country_code,
    (
        select list({'field': fields.field, 'old_value': fields.old_value, 'new_value': fields.new_value})
        from main.admin_change_fields as fields
        where
            fields.org = changes.org
            and fields.service = changes.service
            and fields.event_date = changes.event_date
            and fields.event_id = changes.event_id
    ) as fields,
    changes.event_id,
    changes.org
from main.admin_changes as changes
where
    changes.occurred_at >= cast(from_time as timestamptz)
    and changes.occurred_at < cast(to_time as timestamptz)
order by changes.occurred_at;

comment on macro table admin_changes_between is 'Changes in the directory from one moment to another, the second one left out, with the fields that they changed.';

create macro activity_log(wanted_service, wanted_type, from_time, to_time) as table
select
    timestamp as occurred_at,
    org,
    service,
    event_type,
    coalesce(initiated_by.email, initiated_by.username, username, initiated_by.id) as actor,
    coalesce(resource.name, resource.displayName, resource.username, resource.email, resource.hostname, resource.id) as object,
    success,
    error_message,
    client_ip,
    geoip.country_code as country_code,
    id as event_id
from main.events
where
    (wanted_service is null or service = wanted_service)
    and (wanted_type is null or event_type = wanted_type)
    and date between
        cast(timezone('UTC', cast(from_time as timestamptz)) as date)
        and cast(timezone('UTC', cast(to_time as timestamptz)) as date)
    and timestamp >= cast(from_time as timestamptz)
    and timestamp < cast(to_time as timestamptz)
order by timestamp;

comment on macro table activity_log is 'Events of a service and type (null: of any) from one moment to another, the second one left out, oldest first.';

create macro event_json(wanted) as table
select
    org,
    service,
    cast(event as json) as event
from main.events
where id = wanted;

comment on macro table event_json is 'The whole event as JSON.';
