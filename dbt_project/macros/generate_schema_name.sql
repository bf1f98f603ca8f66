{#- Schemas are named as configured, without the target's name in front: the build file holds one environment. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
