select
    org,
    actor,
    max(actor_type) as actor_type,
    count(*) as changes,
    count(*) filter (where effect = 'weakens') as weakening,
    count(*) filter (where action = 'delete') as deletions,
    list(distinct via order by via) as vias,
    count(distinct client_ip) as addresses,
    max(occurred_at) as last_change,
    count(*) over () as total
from changes
group by org, actor
order by weakening desc, changes desc, org, actor
limit 20;
