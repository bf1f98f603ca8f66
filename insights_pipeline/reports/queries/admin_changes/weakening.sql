select
    org,
    occurred_at,
    summary,
    risk,
    area,
    via,
    client_ip,
    country_code,
    outcome,
    (select count(*) from changes where effect = 'weakens') as total
from changes
where effect = 'weakens'
order by occurred_at desc, org, service, event_id
limit 200;
