select
    count(*) as changes,
    count(distinct concat_ws(' ', org, actor)) filter (where actor_type <> 'system') as actors,
    count(*) filter (where effect = 'weakens') as weakening,
    count(distinct concat_ws(' ', org, actor)) filter (where effect = 'weakens') as weakening_actors,
    count(*) filter (where effect = 'strengthens') as strengthening,
    count(*) filter (where action = 'delete') as deletions,
    count(*) filter (where via = 'api key') as by_api_key,
    count(*) filter (where outcome = 'failure') as failed
from changes;
