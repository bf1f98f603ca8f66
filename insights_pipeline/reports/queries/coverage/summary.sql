select
    greatest(max(counted_at), max(fetched_at)) as as_of,
    (select list(distinct org order by org) from days) as orgs,
    (select count(distinct service) from days) as services,
    (select count(distinct date) from days) as dates,
    (select count(*) from days) as total,
    (select count(*) from days where state = 'complete') as complete,
    (select coalesce(sum(held_events), 0)::bigint from days) as held,
    (select coalesce(sum(expected_events), 0)::bigint from days) as expected,
    (select count(*) from days where expected_events is null) as uncounted,
    (select coalesce(sum(late_events), 0)::bigint from days) as late,
    (select max(counted_at) from days) as last_counted_at,
    (select min(counted_at) from days) as first_counted_at
from main.coverage;
