{#-
    JSON kept as text, on Spark 4. `get_json_object` takes the quotes off a string and gives nothing for a written null;
    inside a list that it goes through with [*] it keeps the quotes, which is why lists are put around things here.
-#}

{% macro spark__json_text(json, path) -%}
    get_json_object({{ json }}, '{{ path }}')
{%- endmacro %}


{% macro spark__json_value(json, path) -%}
    {%- set parent, name = path.rsplit('.', 1) -%}
    coalesce(
        get_json_object('[' || {{ json }} || ']', '$[*]{{ path[1:] }}'),
        case
            when
                array_contains(
                    json_object_keys({{ json if parent == '$' else spark__json_text(json, parent) }}), '{{ name }}'
                )
                then 'null'
        end
    )
{%- endmacro %}


{% macro spark__json_elements(json) -%}
    case
        when json_array_length({{ json }}) > 0
            then transform(
                sequence(0, json_array_length({{ json }}) - 1),
                place -> get_json_object('[' || {{ json }} || ']', '$[*][' || place || ']')
            )
        when json_array_length({{ json }}) = 0 or {{ json }} = 'null' then cast(array() as array<string>)
        else array({{ json }})
    end
{%- endmacro %}


{% macro spark__json_members(json, names) -%}
    named_struct(
        {%- for name in names -%}
            '{{ name }}', {{ spark__json_value(json, '$.' ~ name) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}


{#- A name with a quotation mark in it is passed over, as DuckDB's paths can't spell it. -#}
{% macro spark__json_succeeded_members(json) -%}
    coalesce(
        map_keys(map_filter(
            from_json({{ json }}, 'map<string, string>'),
            (name, value) -> not contains(name, '"')
            and coalesce(value = 'true' or get_json_object(value, '$.success') = 'true', false)
        )),
        cast(array() as array<string>)
    )
{%- endmacro %}


{% macro spark__json_string(json, path) -%}
    case
        {%- if path == '$' %}
        when startswith({{ json }}, '"') then get_json_object({{ json }}, '$')
        {%- else %}
        when startswith(get_json_object('[' || {{ json }} || ']', '$[*]{{ path[1:] }}'), '"')
            then get_json_object({{ json }}, '{{ path }}')
        {%- endif %}
    end
{%- endmacro %}


{% macro spark__json_member_names(json) -%}
    coalesce(json_object_keys({{ json }}), cast(array() as array<string>))
{%- endmacro %}


{% macro spark__is_json_object(json) -%}
    startswith({{ json }}, '{')
{%- endmacro %}


{#- A text as a JSON string. -#}
{% macro spark_json_string_of(text) -%}
    substring(to_json(array({{ text }})), 2, length(to_json(array({{ text }}))) - 2)
{%- endmacro %}


{#-
    The values inside an object as a list of {names, value}, value as JSON. Spark walks no tree: each round puts in the
    place of every object its members, and there are as many rounds as objects could be nested. A map of texts takes the
    quotes off strings; a map of variants tells which were strings, and would sort the members of what is inside a list.
-#}
{% macro spark_json_leaves(json) -%}
    filter(
        aggregate(
            sequence(0, length({{ json }}) - length(replace({{ json }}, '{', ''))),
            array(named_struct('names', cast(array() as array<string>), 'value', {{ json }})),
            (leaves, round) -> flatten(transform(
                leaves,
                leaf -> case
                    when startswith(leaf.value, '{') and leaf.value <> '{}'
                        then zip_with(
                            map_entries(from_json(leaf.value, 'map<string, string>')),
                            map_entries(from_json(leaf.value, 'map<string, variant>')),
                            (text, typed) -> named_struct(
                                'names', array_append(leaf.names, text.key),
                                'value', case
                                    when text.value is null then 'null'
                                    when schema_of_variant(typed.value) = 'STRING'
                                        then {{ spark_json_string_of('text.value') }}
                                    else text.value
                                end
                            )
                        )
                    else array(leaf)
                end
            ))
        ),
        leaf -> size(leaf.names) > 0
    )
{%- endmacro %}


{% macro spark__json_differences(old, new) -%}
    transform(
        array(named_struct(
            'old', {{ spark_json_leaves("coalesce(" ~ old ~ ", '{}')") }},
            'new', {{ spark_json_leaves("coalesce(" ~ new ~ ", '{}')") }}
        )),
        sides -> nullif(
            array_sort(filter(
                transform(
                    array_distinct(concat(sides.old.names, sides.new.names)),
                    names -> named_struct(
                        'path', replace(array_join(names, '.'), '"', ''),
                        'old_value', try_element_at(filter(sides.old, leaf -> leaf.names = names), 1).value,
                        'new_value', try_element_at(filter(sides.new, leaf -> leaf.names = names), 1).value
                    )
                ),
                difference -> difference.old_value is distinct from difference.new_value
            )),
            cast(array() as array<struct<path: string, old_value: string, new_value: string>>)
        )
    )[0]
{%- endmacro %}


{% macro spark__json_named_list_as_object(json) -%}
    case
        when json_array_length({{ json }}) > 0
            then transform(
                array({{ spark__json_elements(json) }}),
                elements -> case
                    when
                        size(array_distinct(array_compact(transform(
                            elements, element -> get_json_object(element, '$.name')
                        )))) = size(elements)
                        and forall(
                            elements, element -> coalesce(array_contains(json_object_keys(element), 'value'), false)
                        )
                        then '{' || array_join(transform(
                            elements,
                            element -> {{ spark_json_string_of("get_json_object(element, '$.name')") }}
                            || ':' || {{ spark__json_value('element', '$.value') }}
                        ), ',') || '}'
                    else {{ json }}
                end
            )[0]
        else {{ json }}
    end
{%- endmacro %}
