{#- JSON kept as text: what each engine calls the functions on it. Another engine adds its own implementation here. -#}

{#- The value at a path ('$.a.b') as text: strings bare, everything else as JSON; null where there is none. -#}
{% macro json_text(json, path) -%}
    {{ return(adapter.dispatch('json_text', 'insights')(json, path)) }}
{%- endmacro %}

{% macro default__json_text(json, path) -%}
    {{ exceptions.raise_compiler_error('json_text is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_text(json, path) -%}
    json_extract_string({{ json }}, '{{ path }}')
{%- endmacro %}


{#- The value at a path as JSON text: strings keep their quotes, and a null that is written there is the text null. -#}
{% macro json_value(json, path) -%}
    {{ return(adapter.dispatch('json_value', 'insights')(json, path)) }}
{%- endmacro %}

{% macro default__json_value(json, path) -%}
    {{ exceptions.raise_compiler_error('json_value is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_value(json, path) -%}
    cast(json_extract({{ json }}, '{{ path }}') as varchar)
{%- endmacro %}


{#- The elements of a JSON array as a list of JSON texts; a value that is no array counts as its only element. -#}
{% macro json_elements(json) -%}
    {{ return(adapter.dispatch('json_elements', 'insights')(json)) }}
{%- endmacro %}

{% macro default__json_elements(json) -%}
    {{ exceptions.raise_compiler_error('json_elements is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_elements(json) -%}
    case json_type({{ json }})
        when 'ARRAY' then cast(json_extract({{ json }}, '$[*]') as varchar[])
        when 'NULL' then cast([] as varchar[])
        else [cast({{ json }} as varchar)]
    end
{%- endmacro %}


{#-
    Some members of a JSON object, each as JSON, as one struct: the object is parsed once, however many are named.
    Members that it lacks are null.
-#}
{% macro json_members(json, names) -%}
    {{ return(adapter.dispatch('json_members', 'insights')(json, names)) }}
{%- endmacro %}

{% macro default__json_members(json, names) -%}
    {{ exceptions.raise_compiler_error('json_members is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_members(json, names) -%}
    from_json({{ json }}, '{ {%- for name in names -%} "{{ name }}": "JSON"{{ ', ' if not loop.last }} {%- endfor -%} }')
{%- endmacro %}


{#-
    Names of the members that succeeded, in order of the alphabet, of an object like
    {"password": {"success": true}, "totp": {"success": false}}. Empty where it is no such object.
-#}
{% macro json_succeeded_members(json) -%}
    {{ return(adapter.dispatch('json_succeeded_members', 'insights')(json)) }}
{%- endmacro %}

{% macro default__json_succeeded_members(json) -%}
    {{ exceptions.raise_compiler_error('json_succeeded_members is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_succeeded_members(json) -%}
    list_sort(list_filter(
        coalesce(json_keys({{ json }}), cast([] as varchar[])),
        lambda name: 'true' in (
            coalesce(json_extract_string({{ json }}, '$."' || name || '".success'), ''),
            coalesce(json_extract_string({{ json }}, '$."' || name || '"'), '')
        )
    ))
{%- endmacro %}


{#- The value at a path if it is a string, else null. -#}
{% macro json_string(json, path) -%}
    {{ return(adapter.dispatch('json_string', 'insights')(json, path)) }}
{%- endmacro %}

{% macro default__json_string(json, path) -%}
    {{ exceptions.raise_compiler_error('json_string is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_string(json, path) -%}
    case when json_type({{ json }}, '{{ path }}') = 'VARCHAR' then json_extract_string({{ json }}, '{{ path }}') end
{%- endmacro %}


{#- Names of the members of a JSON object as a list; empty where it is none. -#}
{% macro json_member_names(json) -%}
    {{ return(adapter.dispatch('json_member_names', 'insights')(json)) }}
{%- endmacro %}

{% macro default__json_member_names(json) -%}
    {{ exceptions.raise_compiler_error('json_member_names is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_member_names(json) -%}
    coalesce(json_keys({{ json }}), cast([] as varchar[]))
{%- endmacro %}
