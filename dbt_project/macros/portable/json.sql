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
    Names of the members that succeeded of an object like
    {"password": {"success": true}, "totp": {"success": false}}. Empty where it is no such object.
-#}
{% macro json_succeeded_members(json) -%}
    {{ return(adapter.dispatch('json_succeeded_members', 'insights')(json)) }}
{%- endmacro %}

{% macro default__json_succeeded_members(json) -%}
    {{ exceptions.raise_compiler_error('json_succeeded_members is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_succeeded_members(json) -%}
    list_filter(
        coalesce(json_keys({{ json }}), cast([] as varchar[])),
        lambda name: 'true' in (
            coalesce(json_extract_string({{ json }}, '$."' || replace(name, '"', '') || '".success'), ''),
            coalesce(json_extract_string({{ json }}, '$."' || replace(name, '"', '') || '"'), '')
        )
    )
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


{#- Whether the value is a JSON object; null where there is none. -#}
{% macro is_json_object(json) -%}
    {{ return(adapter.dispatch('is_json_object', 'insights')(json)) }}
{%- endmacro %}

{% macro default__is_json_object(json) -%}
    {{ exceptions.raise_compiler_error('is_json_object is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__is_json_object(json) -%}
    json_type({{ json }}) = 'OBJECT'
{%- endmacro %}


{#-
    The values inside two objects that differ, as a list of {path, old_value, new_value}: {"a": {"b": 1}} and
    {"a": {"b": 2}} give a.b, 1 and 2. Lists are values; so is an object without members. Either object may be null,
    which has no values; without a difference the list is null.
-#}
{% macro json_differences(old, new) -%}
    {{ return(adapter.dispatch('json_differences', 'insights')(old, new)) }}
{%- endmacro %}

{% macro default__json_differences(old, new) -%}
    {{ exceptions.raise_compiler_error('json_differences is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_differences(old, new) -%}
    (
        select
            list({
                'path': leaves.path,
                'old_value': leaves.old_value,
                'new_value': leaves.new_value
            } order by leaves.path)
        from (
            select
                replace(substr(nodes.fullkey, 3), '"', '') as path,
                max(nodes.value) filter (where nodes.side = 'old') as old_value,
                max(nodes.value) filter (where nodes.side = 'new') as new_value
            from (
                select 'old' as side, fullkey, type, cast(value as varchar) as value from json_tree({{ old }})
                union all
                select 'new' as side, fullkey, type, cast(value as varchar) as value from json_tree({{ new }})
            ) as nodes
            where
                nodes.fullkey <> '$'
                and (nodes.type <> 'OBJECT' or nodes.value = '{}')
                -- The elements of a list are no values of their own. Names of members stand in quotes where they
                -- hold a bracket.
                and not regexp_matches(nodes.fullkey, '\[[0-9]+\](\.|\[|$)')
            group by nodes.fullkey
        ) as leaves
        where leaves.old_value is distinct from leaves.new_value
    )
{%- endmacro %}


{#-
    [{"name": "Division", "value": "Sales"}] as {"Division": "Sales"}: so JumpCloud writes custom attributes and the
    values of policies. Everything else is given back as it is.
-#}
{% macro json_named_list_as_object(json) -%}
    {{ return(adapter.dispatch('json_named_list_as_object', 'insights')(json)) }}
{%- endmacro %}

{% macro default__json_named_list_as_object(json) -%}
    {{ exceptions.raise_compiler_error('json_named_list_as_object is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__json_named_list_as_object(json) -%}
    case
        when
            json_type({{ json }}) = 'ARRAY'
            and json_array_length({{ json }}) > 0
            and len(list_distinct(list_filter(
                json_extract_string({{ json }}, '$[*].name'), lambda name: name is not null
            ))) = json_array_length({{ json }})
            and len(json_extract({{ json }}, '$[*].value')) = json_array_length({{ json }})
            then cast(to_json(map_from_entries(list_transform(
                json_extract({{ json }}, '$[*]'),
                lambda element: {
                    'k': json_extract_string(element, '$.name'),
                    'v': json_extract(element, '$.value')
                }
            ))) as varchar)
        else {{ json }}
    end
{%- endmacro %}
