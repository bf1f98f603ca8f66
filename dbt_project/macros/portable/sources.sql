{#- Where the events are read from, as each engine reads files best. -#}

{#- The tables of the source that together hold all events, each with the one service it has columns of; none: of every service. -#}
{% macro event_tables() -%}
    {{ return(adapter.dispatch('event_tables', 'insights')()) }}
{%- endmacro %}

{% macro default__event_tables() -%}
    {%- set tables = [] -%}
    {%- for service in var('known_services') + ['other_services'] -%}
        {%- do tables.append({'name': service, 'service': service}) -%}
    {%- endfor -%}
    {{ return(tables) }}
{%- endmacro %}

{#-
    Every task of a stage is sent the whole stage's plan: seventeen tables, read twice by most models, made plans of 7 MB
    and builds twice as long as one table with the columns of all.
-#}
{% macro spark__event_tables() -%}
    {{ return([{'name': 'all_services', 'service': none}]) }}
{%- endmacro %}
