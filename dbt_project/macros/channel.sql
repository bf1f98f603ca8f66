{#- Where a sign-in of a type that the catalogue doesn't know takes place, told from its service. -#}
{% macro channel_by_service(service) -%}
    {%- set channels = {
        'sso': 'sso',
        'radius': 'radius',
        'ldap': 'ldap',
        'systems': 'device',
        'password_manager': 'password_manager',
        'saas_app_management': 'saas_app',
    } -%}
    case {{ service }}
        {%- for known, channel in channels.items() %}
        when '{{ known }}' then '{{ channel }}'
        {%- endfor %}
        else 'other'
    end
{%- endmacro %}
