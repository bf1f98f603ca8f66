{#- Text by regular expression, as each engine spells it. -#}

{#- The first group of the first match of a regular expression; null where nothing matches. -#}
{% macro first_match(text, pattern) -%}
    {{ return(adapter.dispatch('first_match', 'insights')(text, pattern)) }}
{%- endmacro %}

{% macro default__first_match(text, pattern) -%}
    {{ exceptions.raise_compiler_error('first_match is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__first_match(text, pattern) -%}
    nullif(regexp_extract({{ text }}, '{{ pattern }}', 1), '')
{%- endmacro %}


{#- The elements of a list of texts as one text. -#}
{% macro joined(list, separator) -%}
    {{ return(adapter.dispatch('joined', 'insights')(list, separator)) }}
{%- endmacro %}

{% macro default__joined(list, separator) -%}
    {{ exceptions.raise_compiler_error('joined is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__joined(list, separator) -%}
    array_to_string({{ list }}, '{{ separator }}')
{%- endmacro %}
