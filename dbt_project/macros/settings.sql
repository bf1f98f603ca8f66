{#- How the value of a setting compares: what makes one value weaker than another. -#}

{#-
    A number that grows or falls with the strength of a setting, from its value as JSON; null where the value can't be
    compared. Nothing counts as false, zero, and below every ranked word.
-#}
{% macro setting_score(value, ranking, zero_is_no_limit) -%}
    case
        when
            {{ zero_is_no_limit }}
            and coalesce({{ value }}, 'null') in ('null', '""', 'false', '0')
            then cast('infinity' as double)
        when coalesce({{ value }}, 'null') in ('null', '""') then 0
        when coalesce({{ ranking }}, '') <> ''
            then nullif({{ ordinal_in('lower(' ~ json_text(value, '$') ~ ')', ranking, '<') }}, 0)
        when lower({{ json_text(value, '$') }}) in ('true', 'enabled', 'yes', 'on') then 1
        when lower({{ json_text(value, '$') }}) in ('false', 'disabled', 'no', 'off') then 0
        else {{ number_or_null(json_text(value, '$')) }}
    end
{%- endmacro %}


{#- A value as a person reads it: strings bare, long ones cut, nothing as a word. -#}
{% macro readable_value(value) -%}
    case
        when coalesce({{ value }}, 'null') in ('null', '""', '[]', '{}') then 'none'
        when length({{ json_text(value, '$') }}) > 60 then left({{ json_text(value, '$') }}, 57) || '...'
        else {{ json_text(value, '$') }}
    end
{%- endmacro %}
