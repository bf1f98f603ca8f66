{#-
    What the strategy `replace_changed_days` is on Spark, whose plain Parquet tables know neither delete nor update: tables are partitioned by
    organization, service and day, the partitions of the changed days are overwritten, and those that became empty dropped. These two macros
    take the places of dbt-spark's own, which know its own strategies alone.
-#}

{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) -%}
    {%- if raw_strategy != 'replace_changed_days' -%}
        {{ exceptions.raise_compiler_error('The incremental strategy ' ~ raw_strategy ~ ' is not written for spark') }}
    {%- endif -%}
    {{ return(raw_strategy) }}
{%- endmacro %}


{% macro dbt_spark_get_incremental_sql(strategy, source, target, existing, unique_key, incremental_predicates) -%}
    {%- set day = config.get('partition_by')[-1] -%}
    {%- do spark_drop_emptied_days(source, target, day) -%}
    insert overwrite table {{ target }} partition (org, service, {{ day }})
    select
    {%- for column in adapter.get_columns_in_relation(target) %}
        {{ spark_checked_column(column.name) }}{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ source }}
{%- endmacro %}


{#- Overwriting replaces the partitions that get rows; a day that gets none any more keeps its old ones unless it is dropped. -#}
{% macro spark_drop_emptied_days(new_rows, target, day) -%}
    {%- set emptied = run_query(
        'select distinct kept.org, kept.service, cast(kept.' ~ day ~ ' as string) from ' ~ target ~ ' as kept'
        ~ ' left semi join ' ~ source('lake', 'changed_days') ~ ' as changed'
        ~ ' on kept.org = changed.org and kept.service = changed.service and kept.' ~ day ~ ' = changed.date'
        ~ ' left anti join ' ~ new_rows ~ ' as found'
        ~ ' on kept.org = found.org and kept.service = found.service and kept.' ~ day ~ ' = found.' ~ day
    ) -%}
    {%- for batch in emptied.rows | batch(500) -%}
        {%- set partitions = [] -%}
        {%- for row in batch -%}
            {%- do partitions.append(
                "partition (org = '" ~ row[0] ~ "', service = '" ~ row[1] ~ "', " ~ day ~ " = date'" ~ row[2] ~ "')"
            ) -%}
        {%- endfor -%}
        {%- do run_query('alter table ' ~ target ~ ' drop if exists ' ~ partitions | join(', ')) -%}
    {%- endfor -%}
{%- endmacro %}


{#- Without an update, the days that have a row to change are written again, whole. -#}
{% macro spark__name_persons_again() -%}
    {%- set columns = adapter.get_columns_in_relation(this) | map(attribute='name') -%}
    {%- set has_name = 'attempts.org = names.org and coalesce(attempts.actor_id, lower(attempts.actor)) = names.key' -%}
    insert overwrite table {{ this }} partition (org, service, event_date)
    select
        {%- for column in columns %}
        {{ 'coalesce(names.person_id, attempts.person_id) as person_id' if column == 'person_id' else 'attempts.' ~ column }}
            {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ this }} as attempts
    left join {{ ref('int_person_names') }} as names on {{ has_name }}
    left semi join (
        select
            attempts.org,
            attempts.service,
            attempts.event_date
        from {{ this }} as attempts
        inner join {{ ref('int_person_names') }} as names on {{ has_name }}
        where names.person_id is distinct from attempts.person_id
    ) as outdated
        on
            attempts.org = outdated.org
            and attempts.service = outdated.service
            and attempts.event_date = outdated.event_date
{%- endmacro %}
