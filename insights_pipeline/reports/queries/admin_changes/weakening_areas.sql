select
    area,
    bucket(event_date) as bucket,
    count(*) as changes
from changes
where effect = 'weakens'
group by area, bucket(event_date)
order by area, bucket(event_date);
