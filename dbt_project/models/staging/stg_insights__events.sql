{% for service in var('known_services') + ['other_services'] %}
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
        event,
        fetched_at
    from {{ source('lake', service) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
