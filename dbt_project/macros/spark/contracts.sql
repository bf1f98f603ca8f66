{#- Contracts name types as DuckDB does; on Spark they are held against the types that it has for the same. -#}

{% macro spark_type(data_type) -%}
    {%- if data_type.endswith('[]') -%}
        array<{{ spark_type(data_type[:-2]) }}>
    {%- else -%}
        {{ {'varchar': 'string', 'timestamp with time zone': 'timestamp', 'integer': 'int'}.get(data_type, data_type) }}
    {%- endif -%}
{%- endmacro %}


{% macro spark__get_empty_schema_sql(columns) -%}
    select
    {%- for column in columns.values() %}
        cast(null as {{ spark_type(column['data_type']) }}) as {{ adapter.quote(column['name']) }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- Parquet tables take no constraints: where a column must not be null, the statement that writes it fails on a null. -#}
{% macro spark_checked_column(name) -%}
    {%- set constraints = model.columns.get(name, {}).get('constraints', []) if config.get('contract').enforced else [] -%}
    {%- if constraints | selectattr('type', 'equalto', 'not_null') | list -%}
        coalesce({{ adapter.quote(name) }}, raise_error('{{ this.identifier }}.{{ name }} is null')) as {{ adapter.quote(name) }}
    {%- else -%}
        {{ adapter.quote(name) }}
    {%- endif -%}
{%- endmacro %}


{% macro spark__get_select_subquery(sql) -%}
    select
    {%- for name in model.columns %}
        {{ spark_checked_column(name) }}{{ ',' if not loop.last }}
    {%- endfor %}
    from ({{ sql }}) as model_subquery
{%- endmacro %}
