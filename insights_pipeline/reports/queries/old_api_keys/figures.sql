select
    count(*) filter (where status = 'active') as active,
    count(*) filter (where status = 'quiet') as quiet,
    count(*) filter (where status = 'closed') as closed,
    count(*) filter (where status <> 'closed' and reopened) as reopened,
    count(distinct admin_email) filter (where status <> 'closed') as admins,
    (select count(*) from calls) as calls,
    (select max(occurred_at) from calls) as last_call,
    (select max(date) from main.coverage where held_events > 0) as judged_on
from callers;
