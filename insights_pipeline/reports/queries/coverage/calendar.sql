-- One line a service where that fits a page, otherwise one an organization; a cell shows the worst of its days.
with lines as (
    select
        date,
        state,
        case when (select count(distinct org) from days) > 1 then org end as line_org,
        case when (select count(distinct (org, service)) from days) <= 40 then service end as line_service
    from days
),

kept as (
    select
        coalesce(line_org, '') as org,
        coalesce(line_service, '') as service,
        count(*) over () as total
    from lines
    group by line_org, line_service
    order by count(*) filter (where state not in ('complete', 'open')) desc, line_org, line_service
    limit 40
)

select
    kept.org,
    kept.service,
    bucket(lines.date) as bucket,
    min_by(lines.state, severity(lines.state)) as state,
    any_value(kept.total) as total
from lines
inner join kept on coalesce(lines.line_org, '') = kept.org and coalesce(lines.line_service, '') = kept.service
group by kept.org, kept.service, bucket(lines.date)
order by kept.org, kept.service, bucket(lines.date);
