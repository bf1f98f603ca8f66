-- Events are classified by their type alone, so that no type may mean different classes in different services.
select
    event_type,
    count(distinct class) as classes
from {{ ref('event_types') }}
group by event_type
having count(distinct class) > 1
