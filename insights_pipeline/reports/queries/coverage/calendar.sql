-- One row a service where that fits a page, otherwise one row an organization; a cell shows the worst of its days.
with lines as (
    select
        *,
        case
            when (select count(distinct (org, service)) from days) > 40 then org
            when (select count(distinct org) from days) > 1 then concat(org, ' ', service)
            else service
        end as line
    from days
),

kept as (
    select line
    from lines
    group by line
    order by count(*) filter (where state not in ('complete', 'open')) desc, line
    limit 40
)

select
    line,
    bucket(date) as bucket,
    min_by(state, severity(state)) as state,
    (select count(distinct line) from lines) as total
from lines
where line in (from kept)
group by line, bucket(date)
order by line, bucket(date);
