{#- Text by regular expression on Spark: Java's expressions in raw literals, which keep their backslashes. -#}

{% macro spark__first_match(text, pattern) -%}
    nullif(regexp_extract({{ text }}, r'{{ pattern }}', 1), '')
{%- endmacro %}


{% macro spark__joined(list, separator) -%}
    array_join({{ list }}, '{{ separator }}')
{%- endmacro %}


{% macro spark__ordinal_in(word, words, separator) -%}
    array_position({{ spark__parts(words, separator) }}, {{ word }})
{%- endmacro %}


{% macro spark__in_words(name) -%}
    lower(regexp_replace(translate({{ name }}, '_-.', '   '), '([a-z0-9])([A-Z])', '$1 $2'))
{%- endmacro %}


{% macro spark__path_without_ids(path) -%}
    regexp_replace(
        {{ path }},
        '/(?:[0-9a-fA-F]{24}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9]+)(/|$)',
        '/{id}$1'
    )
{%- endmacro %}


{#- Java also reads 5d and 5f as numbers, which mean nothing elsewhere. -#}
{% macro spark__number_or_null(text) -%}
    case when not rlike({{ text }}, '[0-9.][dDfF]') then try_cast({{ text }} as double) end
{%- endmacro %}


{#- As a decimal: a sum of 64-bit hashes would overflow a bigint, which strict SQL makes an error. -#}
{% macro spark__checksum(text) -%}
    sum(cast(xxhash64({{ text }}) as decimal(38, 0)))
{%- endmacro %}


{#- Spark splits by expression: the separator is quoted for it. -#}
{% macro spark__parts(text, separator) -%}
    split({{ text }}, r'\Q{{ separator }}\E')
{%- endmacro %}
