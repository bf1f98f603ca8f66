{#- Whether a caller with an old key still calls, from the days since its last call. -#}
{% macro old_api_key_status(days_quiet) -%}
    case
        when {{ days_quiet }} <= {{ var('old_api_key_active_days') }} then 'active'
        when {{ days_quiet }} <= {{ var('old_api_key_quiet_days') }} then 'quiet'
        else 'closed'
    end
{%- endmacro %}
