with days as (
    select date, bool_or(fetched_at is not null) as is_fetched, bool_or(state = 'open') as is_open
    from main.coverage
    group by date
)

select
    min(date) as first_day,
    max(date) as last_day,
    min(date) filter (where is_fetched) as first_fetched,
    max(date) filter (where is_fetched) as last_fetched,
    max(date) filter (where is_fetched and not is_open) as last_closed
from days;
