-- Of reasons that are as frequent as each other the last by name, so that a report is the same each time.
with reasons as (
    select
        org,
        person_id,
        failure_reason,
        count(*) as times
    from attempts
    where outcome = 'failure' and person_id is not null
    group by org, person_id, failure_reason
),

usual as (
    select
        org,
        person_id,
        max_by(failure_reason, (times, failure_reason)) as reason
    from reasons
    where failure_reason is not null
    group by org, person_id
),

people as (
    select
        org,
        person_id,
        max_by(actor, (occurred_at, event_id)) as actor,
        count(*) as attempts,
        count(*) filter (where outcome = 'failure') as failures,
        count(distinct client_ip) filter (where outcome = 'failure') as addresses,
        list(distinct country_code order by country_code) filter (where outcome = 'failure' and country_code is not null) as countries,
        max(occurred_at) filter (where outcome = 'failure') as last_failure
    from attempts
    where person_id is not null
    group by org, person_id
    having failures > 0
)

select
    people.*,
    usual.reason,
    count(*) over () as total
from people
left join usual on people.org = usual.org and people.person_id = usual.person_id
order by people.failures desc, people.last_failure desc, people.org, people.person_id
limit 20;
