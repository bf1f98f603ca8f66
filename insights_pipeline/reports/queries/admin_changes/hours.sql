select
    cast(isodow(occurred_at) as integer) as weekday,
    cast(hour(occurred_at) as integer) as hour,
    count(*) as changes
from changes
where actor_type = 'admin'
group by all
order by all;
