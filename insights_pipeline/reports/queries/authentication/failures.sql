select
    org,
    occurred_at,
    actor,
    channel,
    coalesce(application, device) as what,
    failure_reason,
    client_ip,
    country_code,
    (select count(*) from attempts where outcome = 'failure') as total
from attempts
where outcome = 'failure'
order by occurred_at desc, org, service, event_id
limit 200;
