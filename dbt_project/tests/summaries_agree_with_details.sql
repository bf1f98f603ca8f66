-- What the summaries add up to is what the detail tables hold.
with totals as (
    select
        'authentication_daily' as summary,
        (select coalesce(sum(attempts), 0) from {{ ref('authentication_daily') }}) as summed,
        (select count(*) from {{ ref('authentications') }}) as held
    union all
    select
        'authentication_people' as summary,
        (select coalesce(sum(attempts), 0) from {{ ref('authentication_people') }}) as summed,
        (
            select count(*) from {{ ref('authentications') }}
            where actor is not null or actor_id is not null
        ) as held
    union all
    select
        'admin_activity_daily' as summary,
        (select coalesce(sum(changes), 0) from {{ ref('admin_activity_daily') }}) as summed,
        (select count(*) from {{ ref('admin_changes') }}) as held
    union all
    select
        'old_api_key_sources' as summary,
        (select coalesce(sum(attempts), 0) from {{ ref('old_api_key_sources') }}) as summed,
        (select count(*) from {{ ref('old_api_key_attempts') }}) as held
)

select *
from totals
where summed <> held
