-- An address that fails for several accounts tries passwords, or stands before an office: who then got in tells.
select
    client_ip,
    max(country_code) as country_code,
    count(distinct actor) filter (where outcome = 'failure') as accounts,
    count(*) filter (where outcome = 'failure') as failures,
    count(*) filter (where outcome = 'success') as successes,
    count(distinct actor) filter (where outcome = 'success') as accounts_in,
    min(occurred_at) filter (where outcome = 'failure') as first_failure,
    max(occurred_at) filter (where outcome = 'failure') as last_failure,
    count(*) over () as total
from attempts
where client_ip is not null
group by client_ip
having accounts >= 3
order by failures / (failures + successes) desc, accounts desc, failures desc, client_ip
limit 20;
