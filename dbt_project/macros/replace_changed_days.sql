{#-
    The incremental strategy of every model with one row per event: the days whose files changed lose all their rows
    and get what the model's query gives, which reads those days alone. A day that became empty leaves nothing behind.
-#}
{% macro get_incremental_replace_changed_days_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ target }} as kept
    using {{ source('lake', 'changed_days') }} as changed
    where kept.org = changed.org
        and kept.service = changed.service
        and kept.event_date = changed.date;
    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}
