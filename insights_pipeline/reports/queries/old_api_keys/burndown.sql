-- How each organization's callers stood on the last day of the bucket that is held.
with last_days as (
    select
        org,
        bucket(date) as bucket,
        max_by(active_sources, date) as active,
        max_by(quiet_sources, date) as quiet,
        max_by(closed_sources, date) as closed
    from burndown
    group by org, bucket(date)
)

select
    bucket,
    sum(active)::bigint as active,
    sum(quiet)::bigint as quiet,
    sum(closed)::bigint as closed
from last_days
group by bucket
order by bucket;
