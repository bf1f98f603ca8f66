select
    mfa_used,
    mfa_factor,
    count(*) as sign_ins
from attempts
where outcome = 'success'
group by mfa_used, mfa_factor
order by sign_ins desc, mfa_used, mfa_factor
limit 200;
