{#- Who did it, the same way in every table. -#}

{#- The user of an LDAP distinguished name (its uid, else its cn); text that is no such name is given back as it is. -#}
{% macro ldap_user(name) -%}
    case
        when {{ name }} like '%=%'
            then coalesce({{ first_match(name, '(?i)^\\s*(?:uid|cn)\\s*=\\s*([^,+]+)') }}, {{ name }})
        else {{ name }}
    end
{%- endmacro %}


{#- One vocabulary for kinds of accounts: the documentation says systemuser where events say user. -#}
{% macro account_type(type) -%}
    case lower({{ type }})
        when 'systemuser' then 'user'
        when 'system_user' then 'user'
        when 'administrator' then 'admin'
        when '' then null
        else lower({{ type }})
    end
{%- endmacro %}


{#- The calling program as one text ("Chrome 114.0.0.0 on Mac OS X 10.15.7") from the parsed user agent. -#}
{% macro user_agent_text(useragent) -%}
    nullif(trim(concat_ws(
        ' on ',
        nullif(concat_ws(' ', nullif({{ useragent }}.name, ''), nullif({{ useragent }}.version, '')), ''),
        nullif(nullif(coalesce({{ useragent }}.os_full, {{ useragent }}.os_name, {{ useragent }}.os), 'Other'), '')
    )), '')
{%- endmacro %}


{#- One readable name of who did it: e-mail for administrators, user name for users; null where nobody is named. -#}
{% macro initiator_name(initiated_by) -%}
    coalesce(
        case when {{ initiated_by }}.type = 'admin' then nullif({{ initiated_by }}.email, '') end,
        nullif({{ initiated_by }}.username, ''),
        nullif({{ initiated_by }}.email, ''),
        nullif({{ initiated_by }}.name, ''),
        nullif({{ initiated_by }}.source, ''),
        nullif({{ initiated_by }}.id, '')
    )
{%- endmacro %}


{#-
    What is learnt about a name later holds for the rows of earlier days too: those whose account or name belongs to
    another person by now are changed, all others left alone.
-#}
{% macro name_persons_again() -%}
    {{ return(adapter.dispatch('name_persons_again', 'insights')()) }}
{%- endmacro %}

{% macro default__name_persons_again() -%}
    update {{ this }} as attempts
    set person_id = names.person_id
    from {{ ref('int_person_names') }} as names
    where attempts.org = names.org
        and coalesce(attempts.actor_id, lower(attempts.actor)) = names.key
        and attempts.person_id is distinct from names.person_id
{%- endmacro %}
