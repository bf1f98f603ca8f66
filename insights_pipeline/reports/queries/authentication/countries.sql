select
    country_code,
    count(*) as attempts,
    count(*) filter (where outcome = 'failure') as failures
from attempts
group by country_code
having failures > 0
order by failures desc, country_code;
