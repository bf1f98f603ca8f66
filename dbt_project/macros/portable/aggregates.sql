{#- Aggregates that engines spell differently, or that give different rows where several come first. -#}


{#- The value at the latest time that has one, whatever the order of the rows: of equally late ones the greatest; an aggregate. -#}
{% macro latest(value, at) -%}
    {{ return(adapter.dispatch('latest', 'insights')(value, at)) }}
{%- endmacro %}

{% macro default__latest(value, at) -%}
    {{ exceptions.raise_compiler_error('latest is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__latest(value, at) -%}
    max_by({{ value }}, row({{ at }}, {{ value }}))
{%- endmacro %}

{% macro spark__latest(value, at) -%}
    max_by({{ value }}, case when {{ value }} is not null then struct({{ at }}, {{ value }}) end)
{%- endmacro %}


{#- The texts of a group as one, in an order; an aggregate, which `filter` may follow. -#}
{% macro joined_in_order(text, separator, place) -%}
    {{ return(adapter.dispatch('joined_in_order', 'insights')(text, separator, place)) }}
{%- endmacro %}

{% macro default__joined_in_order(text, separator, place) -%}
    {{ exceptions.raise_compiler_error('joined_in_order is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__joined_in_order(text, separator, place) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ place }})
{%- endmacro %}

{% macro spark__joined_in_order(text, separator, place) -%}
    listagg({{ text }}, '{{ separator }}') within group (order by {{ place }})
{%- endmacro %}
