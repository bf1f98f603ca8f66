{#- Lists, which Spark calls arrays. -#}

{% macro spark__list_union(left, right) -%}
    array_sort(array_union({{ left }}, {{ right }}))
{%- endmacro %}


{% macro spark__list_without(list, literal) -%}
    filter({{ list }}, element -> element <> '{{ literal }}')
{%- endmacro %}


{% macro spark__list_length(list) -%}
    array_size({{ list }})
{%- endmacro %}


{% macro spark__list_last(list) -%}
    try_element_at({{ list }}, -1)
{%- endmacro %}


{% macro spark__list_before_last(list) -%}
    slice({{ list }}, 1, greatest(array_size({{ list }}) - 1, 0))
{%- endmacro %}


{% macro spark__sorted_distinct(value) -%}
    array_sort(collect_set({{ value }}))
{%- endmacro %}


{% macro spark__sorted_union(list) -%}
    array_sort(array_distinct(flatten(collect_list({{ list }}))))
{%- endmacro %}


{% macro spark__list_of_one(members) -%}
    array(named_struct(
        {%- for name, value in members.items() -%} '{{ name }}', {{ value }}{{ ', ' if not loop.last }} {%- endfor -%}
    ))
{%- endmacro %}


{% macro spark__join_elements(list, element, position) -%}
    lateral view inline(transform(
        {{ list }}, (element, place) -> named_struct('element', element, 'position', place + 1)
    )) elements as {{ element }}, {{ position }}
{%- endmacro %}


{% macro spark__list_has(list, element) -%}
    array_contains({{ list }}, {{ element }})
{%- endmacro %}
