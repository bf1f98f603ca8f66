with account_days as (
    select * from {{ ref('int_account_days') }}
    where account_key is not null
),

-- "In 7 days" ends with the last day that holds an attempt, so that an old copy of the data gives the same answer.
last_days as (
    select
        org,
        max(event_date) as last_date
    from account_days
    group by org
),

person_days as (
    select
        account_days.*,
        coalesce(person_names.person_id, account_days.account_key) as person_id,
        {{ days_between('account_days.event_date', 'last_days.last_date') }} < 7 as is_recent
    from account_days
    inner join last_days on account_days.org = last_days.org
    left join {{ ref('int_person_names') }} as person_names
        on
            account_days.org = person_names.org
            and account_days.account_key = person_names.key
)

select
    org,
    person_id,
    {{ latest('actor', 'last_attempt_at') }} as name,
    {{ sorted_distinct('actor') }} as names,
    bool_or(actor_type = 'admin') as is_admin,
    max(last_success_at) as last_success_at,
    max(last_failure_at) as last_failure_at,
    cast(sum(attempts) as bigint) as attempts,
    cast(coalesce(sum(failures) filter (where is_recent), 0) as bigint) as failures_in_7_days,
    {{ sorted_union('factors') }} as factors,
    {{ sorted_union('countries') }} as countries,
    {{ sorted_union('channels') }} as channels,
    sum(successes) > 0 and sum(attempts_with_mfa) = 0 as never_mfa
from person_days
group by org, person_id
