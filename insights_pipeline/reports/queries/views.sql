-- What every other query of this folder reads: the published tables, narrowed to the report's period.

create temp macro bucket(day) as cast(date_trunc(getvariable('step'), day) as date);

create temp view attempts as
select * from main.authentications
where event_date between getvariable('first_day') and getvariable('last_day');

create temp view changes as
select * from main.admin_changes
where event_date between getvariable('first_day') and getvariable('last_day');

create temp view changed_fields as
select * from main.admin_change_fields
where event_date between getvariable('first_day') and getvariable('last_day');

create temp view calls as
select * from main.old_api_key_attempts
where event_date between getvariable('first_day') and getvariable('last_day');

-- Callers stand as the database has them: their state is of its last day, not of the period's.
create temp view callers as
select * from main.old_api_key_sources
where cast(first_seen as date) <= getvariable('last_day');

create temp view burndown as
select * from main.old_api_key_burndown
where date between getvariable('first_day') and getvariable('last_day');

create temp view days as
select * from main.coverage
where date between getvariable('first_day') and getvariable('last_day');

-- The worst first; `open` is no fault, and nothing can be done about `expired`.
create temp macro severity(state) as
    list_position(['short', 'over', 'missing', 'unverified', 'expired', 'open', 'complete'], state);
