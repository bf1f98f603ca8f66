{#- Lists, which every engine has under names of its own. -#}


{#- The distinct elements of two lists, sorted. -#}
{% macro list_union(left, right) -%}
    {{ return(adapter.dispatch('list_union', 'insights')(left, right)) }}
{%- endmacro %}

{% macro default__list_union(left, right) -%}
    {{ exceptions.raise_compiler_error('list_union is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__list_union(left, right) -%}
    list_sort(list_distinct({{ left }} || {{ right }}))
{%- endmacro %}


{#- The elements of a list of texts except one text. -#}
{% macro list_without(list, literal) -%}
    {{ return(adapter.dispatch('list_without', 'insights')(list, literal)) }}
{%- endmacro %}

{% macro default__list_without(list, literal) -%}
    {{ exceptions.raise_compiler_error('list_without is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__list_without(list, literal) -%}
    list_filter({{ list }}, lambda element: element <> '{{ literal }}')
{%- endmacro %}


{#- How many elements a list has. -#}
{% macro list_length(list) -%}
    {{ return(adapter.dispatch('list_length', 'insights')(list)) }}
{%- endmacro %}

{% macro default__list_length(list) -%}
    {{ exceptions.raise_compiler_error('list_length is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__list_length(list) -%}
    len({{ list }})
{%- endmacro %}


{#- The last element of a list. -#}
{% macro list_last(list) -%}
    {{ return(adapter.dispatch('list_last', 'insights')(list)) }}
{%- endmacro %}

{% macro default__list_last(list) -%}
    {{ exceptions.raise_compiler_error('list_last is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__list_last(list) -%}
    {{ list }}[-1]
{%- endmacro %}


{#- The elements of a list before the last. -#}
{% macro list_before_last(list) -%}
    {{ return(adapter.dispatch('list_before_last', 'insights')(list)) }}
{%- endmacro %}

{% macro default__list_before_last(list) -%}
    {{ exceptions.raise_compiler_error('list_before_last is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__list_before_last(list) -%}
    {{ list }}[:-2]
{%- endmacro %}


{#- The distinct values of a group but null, sorted; an aggregate. -#}
{% macro sorted_distinct(value) -%}
    {{ return(adapter.dispatch('sorted_distinct', 'insights')(value)) }}
{%- endmacro %}

{% macro default__sorted_distinct(value) -%}
    {{ exceptions.raise_compiler_error('sorted_distinct is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__sorted_distinct(value) -%}
    coalesce(list_sort(list(distinct {{ value }}) filter (where {{ value }} is not null)), [])
{%- endmacro %}


{#- The distinct elements of a group's lists, sorted; an aggregate. -#}
{% macro sorted_union(list) -%}
    {{ return(adapter.dispatch('sorted_union', 'insights')(list)) }}
{%- endmacro %}

{% macro default__sorted_union(list) -%}
    {{ exceptions.raise_compiler_error('sorted_union is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__sorted_union(list) -%}
    coalesce(list_sort(list_distinct(flatten(list({{ list }}) filter (where {{ list }} is not null)))), [])
{%- endmacro %}


{#- A list of the one struct whose members are given by name, in the order given. -#}
{% macro list_of_one(members) -%}
    {{ return(adapter.dispatch('list_of_one', 'insights')(members)) }}
{%- endmacro %}

{% macro default__list_of_one(members) -%}
    {{ exceptions.raise_compiler_error('list_of_one is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__list_of_one(members) -%}
    [{ {%- for name, value in members.items() -%} '{{ name }}': {{ value }}{{ ', ' if not loop.last }} {%- endfor -%} }]
{%- endmacro %}


{#-
    A join, to follow a table in `from`: one row for each element of a list, as a column beside the element's place, from 1.
    A row whose list is empty or null goes.
-#}
{% macro join_elements(list, element, position) -%}
    {{ return(adapter.dispatch('join_elements', 'insights')(list, element, position)) }}
{%- endmacro %}

{% macro default__join_elements(list, element, position) -%}
    {{ exceptions.raise_compiler_error('join_elements is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__join_elements(list, element, position) -%}
    {#- `with ordinality` says the same and takes forty times as long (DuckDB 2.0). #}
    cross join lateral (
        select
            unnest({{ list }}) as {{ element }},
            unnest(range(1, len({{ list }}) + 1)) as {{ position }}
    ) as elements
{%- endmacro %}


{#- Whether a list has an element. -#}
{% macro list_has(list, element) -%}
    {{ return(adapter.dispatch('list_has', 'insights')(list, element)) }}
{%- endmacro %}

{% macro default__list_has(list, element) -%}
    {{ exceptions.raise_compiler_error('list_has is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__list_has(list, element) -%}
    list_contains({{ list }}, {{ element }})
{%- endmacro %}
