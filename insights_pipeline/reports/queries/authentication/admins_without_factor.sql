select
    org,
    occurred_at,
    actor,
    client_ip,
    country_code,
    user_agent,
    (select count(*) from attempts where outcome = 'success' and not mfa_used and channel = 'admin_portal') as total
from attempts
where outcome = 'success' and not mfa_used and channel = 'admin_portal'
order by occurred_at desc, org, service, event_id
limit 50;
