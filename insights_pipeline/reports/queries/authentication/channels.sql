select
    channel,
    bucket(event_date) as bucket,
    count(*) as attempts,
    count(*) filter (where outcome = 'failure') as failures
from attempts
group by channel, bucket(event_date)
order by channel, bucket(event_date);
