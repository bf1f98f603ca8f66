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


{#- Where a word stands in a list that is written as one text, from 1; null or 0 where it doesn't. -#}
{% macro ordinal_in(word, words, separator) -%}
    {{ return(adapter.dispatch('ordinal_in', 'insights')(word, words, separator)) }}
{%- endmacro %}

{% macro default__ordinal_in(word, words, separator) -%}
    {{ exceptions.raise_compiler_error('ordinal_in is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__ordinal_in(word, words, separator) -%}
    list_position(string_split({{ words }}, '{{ separator }}'), {{ word }})
{%- endmacro %}


{#- A name of a program in words: passwordPolicy and password_policy are "password policy". -#}
{% macro in_words(name) -%}
    {{ return(adapter.dispatch('in_words', 'insights')(name)) }}
{%- endmacro %}

{% macro default__in_words(name) -%}
    {{ exceptions.raise_compiler_error('in_words is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__in_words(name) -%}
    lower(regexp_replace(translate({{ name }}, '_-.', '   '), '([a-z0-9])([A-Z])', '\1 \2', 'g'))
{%- endmacro %}


{#- A path whose ids (24 hexadecimal digits, UUIDs, numbers) read {id}. -#}
{% macro path_without_ids(path) -%}
    {{ return(adapter.dispatch('path_without_ids', 'insights')(path)) }}
{%- endmacro %}

{% macro default__path_without_ids(path) -%}
    {{ exceptions.raise_compiler_error('path_without_ids is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__path_without_ids(path) -%}
    regexp_replace(
        {{ path }},
        '/(?:[0-9a-fA-F]{24}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9]+)(/|$)',
        '/{id}\1',
        'g'
    )
{%- endmacro %}


{#- The number that a text spells; null where it spells none. -#}
{% macro number_or_null(text) -%}
    {{ return(adapter.dispatch('number_or_null', 'insights')(text)) }}
{%- endmacro %}

{% macro default__number_or_null(text) -%}
    {{ exceptions.raise_compiler_error('number_or_null is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__number_or_null(text) -%}
    try_cast({{ text }} as double)
{%- endmacro %}


{#- A number that stands for the values of a group, whatever their order; an aggregate. -#}
{% macro checksum(text) -%}
    {{ return(adapter.dispatch('checksum', 'insights')(text)) }}
{%- endmacro %}

{% macro default__checksum(text) -%}
    {{ exceptions.raise_compiler_error('checksum is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__checksum(text) -%}
    sum(hash({{ text }}))
{%- endmacro %}


{#- The parts of a text between separators, as a list. -#}
{% macro parts(text, separator) -%}
    {{ return(adapter.dispatch('parts', 'insights')(text, separator)) }}
{%- endmacro %}

{% macro default__parts(text, separator) -%}
    {{ exceptions.raise_compiler_error('parts is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__parts(text, separator) -%}
    string_split({{ text }}, '{{ separator }}')
{%- endmacro %}
