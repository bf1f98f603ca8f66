select
    org,
    status,
    integration,
    advice,
    admin_email,
    client_ip,
    country_code,
    api_path,
    user_agent,
    attempts,
    typical_interval,
    last_seen,
    days_quiet,
    reopened,
    count(*) over () as total
from callers
order by list_position(['active', 'quiet', 'closed'], status), attempts desc, last_seen desc, caller_id
limit 200;
