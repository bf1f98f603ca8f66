{#- Differences and names of times, as each engine spells them. -#}

{#- Seconds from one timestamp to a later one, with fractions. -#}
{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between', 'insights')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    {{ exceptions.raise_compiler_error('seconds_between is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__seconds_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }})) / 1000000
{%- endmacro %}


{#- Minutes since midnight UTC, whole. -#}
{% macro minute_of_day(instant) -%}
    {{ return(adapter.dispatch('minute_of_day', 'insights')(instant)) }}
{%- endmacro %}

{% macro default__minute_of_day(instant) -%}
    {{ exceptions.raise_compiler_error('minute_of_day is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__minute_of_day(instant) -%}
    (epoch({{ instant }}) % 86400) // 60
{%- endmacro %}


{#- The weekday of a date in English. -#}
{% macro weekday_name(day) -%}
    {{ return(adapter.dispatch('weekday_name', 'insights')(day)) }}
{%- endmacro %}

{% macro default__weekday_name(day) -%}
    {{ exceptions.raise_compiler_error('weekday_name is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__weekday_name(day) -%}
    dayname({{ day }})
{%- endmacro %}


{#- Whole days from one date to a later one. -#}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between', 'insights')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    {{ exceptions.raise_compiler_error('days_between is not written for ' ~ target.type) }}
{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
    date_diff('day', {{ earlier }}, {{ later }})
{%- endmacro %}
