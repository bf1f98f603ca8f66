{{ config(materialized='table') }}

-- A day has few types, however many events: what a type means is looked up once, and whoever wants events of one class
-- joins these few rows first, so that the files are read for those types alone.
with seen as (
    select distinct event_type
    from {{ ref('stg_insights__events') }}
    where event_type is not null
),

-- A type means the same class in every service that has it (a data test holds the catalogue to that), so that the
-- class is found even for an event that was filed under another service than the catalogue says.
catalogue as (
    select
        event_type,
        min(class) as class
    from {{ ref('event_types') }}
    group by event_type
)

select
    seen.event_type,
    coalesce(catalogue.class, {{ event_class_by_name('seen.event_type') }}) as event_class
from seen
left join catalogue on seen.event_type = catalogue.event_type
