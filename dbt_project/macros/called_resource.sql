{#-
    What a call with an old key was aimed at. No example of the event is public: the resource can be the address itself
    or an object that has it under one of these names.
-#}
{% macro called_resource(resource) -%}
    coalesce(
        {{ json_string(resource, '$') }}
        {%- for member in ['url', 'uri', 'href', 'path', 'endpoint', 'base_url', 'baseUrl', 'name', 'id'] -%}
        ,
        {{ json_string(resource, '$.' ~ member) }}
        {%- endfor %}
    )
{%- endmacro %}
