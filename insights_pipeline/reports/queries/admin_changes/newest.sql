select
    org,
    occurred_at,
    summary,
    area,
    via,
    client_ip,
    country_code,
    (select count(*) from changes) as total
from changes
order by occurred_at desc, org, service, event_id
limit 200;
