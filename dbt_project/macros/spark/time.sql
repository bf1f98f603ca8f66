{#- Differences and names of times on Spark, whose session is in UTC. -#}

{% macro spark__seconds_between(earlier, later) -%}
    (unix_micros({{ later }}) - unix_micros({{ earlier }})) / 1000000
{%- endmacro %}


{% macro spark__minute_of_day(instant) -%}
    hour({{ instant }}) * 60 + minute({{ instant }})
{%- endmacro %}


{% macro spark__weekday_name(day) -%}
    date_format({{ day }}, 'EEEE')
{%- endmacro %}


{% macro spark__days_between(earlier, later) -%}
    cast(datediff({{ later }}, {{ earlier }}) as bigint)
{%- endmacro %}
