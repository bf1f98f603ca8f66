{{ config(materialized='table') }}

-- Which person an account id, a user name or an e-mail address belongs to. A name that changed hands belongs to the
-- account that was seen with it last.
with observations as (
    select * from {{ ref('int_identity_observations') }}
),

emails as (
    select
        org,
        account_id,
        {{ latest('email', 'last_seen') }} as email
    from observations
    where account_id is not null and email is not null
    group by org, account_id
),

accounts as (
    select distinct
        org,
        account_id
    from observations
    where account_id is not null
),

-- A person's administrator account and user account have ids of their own and the e-mail address in common.
persons as (
    select
        accounts.org,
        accounts.account_id,
        min(accounts.account_id) over (
            partition by accounts.org, coalesce(emails.email, accounts.account_id)
        ) as person_id
    from accounts
    left join emails on accounts.org = emails.org and accounts.account_id = emails.account_id
),

names as (
    select
        org,
        username as name,
        {{ latest('account_id', 'last_seen') }} as account_id
    from observations
    where username is not null
    group by org, username
    union all
    select
        org,
        email as name,
        {{ latest('account_id', 'last_seen') }} as account_id
    from observations
    where email is not null
    group by org, email
),

one_name_each as (
    select
        org,
        name,
        max(account_id) as account_id
    from names
    group by org, name
)

select
    org,
    account_id as key,
    person_id
from persons
union all
select
    one_name_each.org,
    one_name_each.name as key,
    coalesce(persons.person_id, one_name_each.name) as person_id
from one_name_each
left join persons on one_name_each.org = persons.org and one_name_each.account_id = persons.account_id
