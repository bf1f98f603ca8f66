{#-
    The class of an event type that the catalogue doesn't know, told from its name. The order counts: a type named
    like a change is one even where "login" occurs in it.
-#}
{% macro event_class_by_name(event_type) -%}
    {%- set suffixes = {
        'admin_change_create': ['create', 'created', 'add', 'add_request'],
        'admin_change_update': ['update', 'updated', 'modified', 'patch', 'change'],
        'admin_change_delete': ['delete', 'deleted', 'remove'],
        'authentication': ['auth', 'auth_attempt', 'bind', 'login_attempt'],
    } -%}
    case
        {%- for class, endings in suffixes.items() %}
        when {% for ending in endings -%}
            right({{ event_type }}, {{ ending | length + 1 }}) = '_{{ ending }}'{{ ' or ' if not loop.last }}
        {%- endfor %} then '{{ class }}'
        {%- endfor %}
        when {{ event_type }} like '%login%' then 'authentication'
        else 'other'
    end
{%- endmacro %}
