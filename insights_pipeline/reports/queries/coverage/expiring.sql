-- Unproven days that JumpCloud deletes within two weeks of when the database was made.
select
    count(*) as days,
    min(date) as first_day,
    max(date) as last_day,
    min(expires_on) as expires_on
from main.coverage
where
    state in ('short', 'over', 'unverified', 'missing')
    and expires_on > (select cast(greatest(max(counted_at), max(fetched_at)) as date) from main.coverage)
    and expires_on <= (select cast(greatest(max(counted_at), max(fetched_at)) as date) + 14 from main.coverage);
