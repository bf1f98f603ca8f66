select
    count(*) as attempts,
    count(*) filter (where outcome = 'failure') as failures,
    count(*) filter (where outcome = 'success') as successes,
    count(*) filter (where outcome = 'unknown') as untold,
    count(distinct concat_ws(' ', org, person_id)) filter (where person_id is not null) as people,
    count(distinct concat_ws(' ', org, person_id)) filter (where outcome = 'failure') as people_failing,
    count(distinct client_ip) as addresses,
    count(distinct country_code) as countries,
    count(*) filter (where outcome = 'success' and mfa_used) as with_factor,
    count(*) filter (where outcome = 'success' and not mfa_used) as without_factor,
    count(*) filter (where outcome = 'success' and not mfa_used and channel = 'admin_portal') as admin_without_factor,
    count(*) filter (where outcome = 'success' and channel = 'admin_portal') as admin_sign_ins,
    count(*) filter (where event_type like '%lockout') as lockouts
from attempts;
