-- Nine sign-ins of ten are of services whose own columns hold all that is read here. Only for the others, and where a
-- value did not fit its column, is the whole event taken apart, which costs more than all else.
with attempts as (
    select
        *,
        case
            when
                service not in ('sso', 'radius', 'ldap', 'systems')
                or coalesce({{ list_length('misfits') }}, 0) > 0
                then {{ json_members('event', [
                    'sso_token_success', 'idp_initiated', 'error_code', 'dn', 'auth_meta', 'mfa_meta', 'outer',
                    'src_ip', 'process_name', 'user_agent', 'useragent'
                ]) }}
        end as detail
    from {{ ref('int_events_classified') }}
    where event_class = 'authentication'
),

methods as (
    select
        *,
        {{ json_value('auth_context', '$.auth_methods') }} as context_methods,
        {{ json_value('coalesce(auth_meta, cast(detail.auth_meta as string))', '$.auth_methods') }} as meta_methods,
        coalesce(mfa_meta, cast(detail.mfa_meta as string)) as factor_detail
    from attempts
),

read as (
    select
        *,
        -- A lockout is the refusal of an attempt, whatever its own success says of the locking.
        case
            when event_type like '%lockout' then false
            else coalesce(
                success,
                sso_token_success,
                error_code = 0,
                {{ json_text('detail.sso_token_success', '$') }} = 'true',
                {{ json_text('detail.error_code', '$') }} = '0'
            )
        end as has_succeeded,
        coalesce(cast(error_code as string), {{ json_text('detail.error_code', '$') }}) as result_code,
        coalesce(outer_error_message, {{ json_text('detail.outer', '$.error_message') }}) as outer_reason,
        coalesce(idp_initiated, {{ json_text('detail.idp_initiated', '$') }} = 'true') as is_idp_initiated,
        {{ list_union(
            json_succeeded_members('context_methods'), json_succeeded_members('meta_methods')
        ) }} as succeeded_methods,
        {{ list_union(json_member_names('context_methods'), json_member_names('meta_methods')) }} as tried_methods,
        lower(coalesce(
            {{ json_string('factor_detail', '$.type') }}, {{ json_string('factor_detail', '$') }}, ''
        )) as mfa_meta_type,
        {{ ldap_user("coalesce(nullif(username, ''), dn, " ~ json_text('detail.dn', '$') ~ ")") }} as account_name,
        nullif(coalesce(nullif(client_ip, ''), src_ip, {{ json_string('detail.src_ip', '$') }}), '') as address,
        coalesce(process_name, {{ json_string('detail.process_name', '$') }}) as program,
        {{ json_value('auth_context', '$.system') }} as context_system,
        coalesce(
            {{ json_string('detail.useragent', '$') }}, {{ json_string('detail.user_agent', '$') }}
        ) as agent_as_text
    from methods
),

factors as (
    select
        *,
        {{ list_without('succeeded_methods', 'password') }} as succeeded_factors,
        {{ list_without('tried_methods', 'password') }} as tried_factors
    from read
)

select
    *,
    case
        when {{ list_length('succeeded_factors') }} > 0 then true
        when {{ list_length('tried_factors') }} > 0 then false
        else mfa
    end as has_used_mfa
from factors
