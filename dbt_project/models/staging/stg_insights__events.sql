{#- What tells the outcome, the factors and the place of a sign-in, where a service has columns of its own for it. -#}
{%- set own_columns = {
    'sso_token_success': {'services': ['sso'], 'type': 'boolean'},
    'idp_initiated': {'services': ['sso'], 'type': 'boolean'},
    'error_code': {'services': ['ldap'], 'type': 'bigint'},
    'dn': {'services': ['ldap'], 'type': 'string'},
    'auth_meta': {'services': ['radius', 'ldap'], 'type': 'string'},
    'mfa_meta': {'services': ['directory', 'sso', 'radius'], 'type': 'string'},
    'outer_error_message': {'services': ['radius'], 'type': 'string', 'read': adapter.quote('outer') ~ '.error_message'},
    'src_ip': {'services': ['systems'], 'type': 'string'},
    'process_name': {'services': ['systems'], 'type': 'string'},
} -%}

{% for table in event_tables() %}
    select
        id as event_id,
        timestamp as occurred_at,
        timestamp_text as occurred_at_text,
        date as event_date,
        org,
        service,
        event_service,
        event_type,
        organization,
        provider,
        client_ip,
        success,
        error_message,
        username,
        initiated_by,
        resource,
        application,
        system,
        useragent,
        geoip,
        mfa,
        auth_method,
        changes,
        association,
        auth_context,
        {% for name, column in own_columns.items() %}
            {% if table.service is none or table.service in column.services %}
                {{ column.read | default(name) }} as {{ name }},
            {% else %}
                cast(null as {{ column.type }}) as {{ name }},
            {% endif %}
        {% endfor %}
        misfits,
        event,
        fetched_at
    from {{ source('lake', table.name) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
