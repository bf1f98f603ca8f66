{#-
    The incremental strategy of every model whose rows belong to one organization, service and day: the days whose files changed lose all their rows
    and get what the model's query gives, which reads those days alone. A day that became empty leaves nothing behind.
-#}
{% macro get_incremental_replace_changed_days_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set day = 'event_date' if 'event_date' in (arg_dict['dest_columns'] | map(attribute='name')) else 'date' -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ target }} as kept
    using {{ source('lake', 'changed_days') }} as changed
    where kept.org = changed.org
        and kept.service = changed.service
        and kept.{{ day }} = changed.date;
    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{%- endmacro %}


{#- Keeps to the changed days, for a model that reads another incremental one; a full build reads everything. -#}
{% macro only_changed_days(relation, day) -%}
    {%- if is_incremental() -%}
        where exists (
            select 1
            from {{ source('lake', 'changed_days') }} as changed
            where {{ relation }}.org = changed.org
                and {{ relation }}.service = changed.service
                and {{ relation }}.{{ day }} = changed.date
        )
    {%- endif -%}
{%- endmacro %}
