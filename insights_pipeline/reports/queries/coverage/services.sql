select
    org,
    service,
    count(*) as days,
    count(*) filter (where state = 'complete') as complete,
    count(*) filter (where state not in ('complete', 'open')) as unproven,
    sum(expected_events)::bigint as expected,
    sum(held_events)::bigint as held,
    sum(late_events)::bigint as late,
    max(counted_at) as counted_at,
    count(*) over () as total
from days
group by org, service
order by unproven desc, held desc, org, service
limit 200;
