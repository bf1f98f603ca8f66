"""The fields that events are known to have, as data: adding a column is adding a line here. How they are read is elsewhere.

Names and types follow JumpCloud's specification; where real events differ from it, the events were followed.
"""

from __future__ import annotations

from typing import Final

from insights_pipeline.events.field import Field, boolean, integer, json_text, number, struct, text, timestamp

# Raised by any change of a column's name, type or meaning; it is written into every file.
SCHEMA_VERSION: Final = 1

# Members that every event may have and that no column is made of: the version of the logging format, always "1",
# which the specification declares as an integer for some services and as text for others.
WITHOUT_COLUMN: Final = frozenset({"@version"})

INITIATED_BY: Final = struct(
    "initiated_by",
    "Who or what caused the event.",
    text("id", "Id of the admin, user or service; RADIUS and LDAP send none."),
    text("type", "admin or user; the specification also says systemuser."),
    text("email", "E-mail address, mostly of admins."),
    text("username", "Name that the user signs in with."),
    text("name", "Readable name."),
    text("source", "What acted for them, such as scim or system."),
    struct("source_metadata", "More about the source.", text("name", "Name of the source.")),
    text("provider", "Id of the managed-service provider that the admin belongs to."),
    text("user_id", "Id of the user account that belongs to the admin."),
    boolean("administrator", "Whether the user is an administrator too."),
)

RESOURCE: Final = struct(
    "resource",
    "The object that was acted on; which members it has depends on the service.",
    text("id", "Id of the object."),
    text("type", "Kind of object, such as user, admin, system or DEVICE."),
    text("username", "User name, where the object is a user."),
    text("email", "E-mail address, where the object is a person."),
    text("name", "Name of the object."),
    text("displayName", "Name as shown in the console."),
    text("hostname", "Host name, where the object is a device."),
    text("recipient_email", "Address that a mail went to."),
    text("email_type", "Kind of mail, such as company."),
    text("description", "Description of the object."),
    json_text("context", "What an alert was raised about."),
    text("source_id", "Id of the device or user that an alert is about."),
    text("source_type", "device or user: what an alert is about."),
    text("reference_id", "Reference of an alert."),
    text("application_id", "Id of a SaaS application."),
    text("application_name", "Name of a SaaS application."),
    text("application_category", "Category of a SaaS application."),
    json_text("resources", "Kinds of objects that a report covers."),
    json_text("search_request", "What a report searches for."),
    json_text("configuration", "How a report is set up."),
)

APPLICATION: Final = struct(
    "application",
    "The application: what was signed in to, or the software that was installed or changed.",
    text("id", "Id of the application; empty on some failed sign-ins."),
    text("name", "Name of the application."),
    text("display_label", "Label that users see in their portal."),
    text("sso_url", "Address where the single sign-on starts."),
    text("sso_type", "Protocol of the single sign-on, such as saml."),
    text("version", "Version of the software."),
    text("path", "Where the software is installed."),
    text("publisher", "Publisher of the software."),
    text("uninstall_string", "Command that removes the software."),
)

SYSTEM: Final = struct(
    "system",
    "The device.",
    text("id", "Id of the device."),
    text("hostname", "Host name of the device.", formerly="host_name"),
    text("displayName", "Name of the device as shown in the console."),
    text("type", "Kind of object, system."),
    text("os", "Operating system."),
    text("version", "Version of the operating system."),
)

USERAGENT: Final = struct(
    "useragent",
    "The program that called, parsed from its user agent by JumpCloud.",
    text("name", "Program, such as Chrome or curl; Other where it was not recognised."),
    text("version", "Version of the program."),
    text("major", "First part of the program's version."),
    text("minor", "Second part of the program's version."),
    text("patch", "Third part of the program's version."),
    text("build", "Build of the program."),
    text("os", "Operating system."),
    text("os_name", "Name of the operating system."),
    text("os_full", "Name and version of the operating system."),
    text("os_version", "Version of the operating system."),
    text("os_major", "First part of the operating system's version."),
    text("os_minor", "Second part of the operating system's version."),
    text("os_patch", "Third part of the operating system's version."),
    text("device", "Kind of device."),
    elsewhere=("/useragent/useragent", "/user_agent/user_agent", "/user_agent"),
)

GEOIP: Final = struct(
    "geoip",
    "Where the address lies; absent for private and unknown addresses.",
    text("country_code", "ISO 3166-1 alpha-2.", formerly="country_code2"),
    text("continent_code", "Two letters."),
    text("region_code", "Code of the region within the country, letters or digits."),
    text("region_name", "Name of the region."),
    text("timezone", "IANA name of the time zone."),
    number("latitude", "Degrees, north positive."),
    number("longitude", "Degrees, east positive."),
    elsewhere=("/geoip/geoip", "/Geoip/geoip", "/Geoip"),
)

# What every file has, in the order of its columns; `schema` adds the columns that are made rather than read.
LEADING: Final = (
    text(
        "event_service",
        "The service that the event names itself, which can differ from the one asked for.",
        key="service",
    ),
    text("event_type", "What happened."),
    text("organization", "Id of the organization; absent on a provider's own events."),
    text("provider", "Id of the managed-service provider; null and empty text alike become null.", blank_is_null=True),
    text("client_ip", "Address of the caller, IPv4 or IPv6."),
    boolean("success", "Whether it succeeded; many events don't say, and SSO says it in sso_token_success."),
    text("error_message", "Why it failed."),
    text("username", "Name of the user as typed or known."),
    INITIATED_BY,
    RESOURCE,
    APPLICATION,
    SYSTEM,
    USERAGENT,
    GEOIP,
    boolean("mfa", "Whether a second factor was used."),
    text("auth_method", "How the caller was authenticated, such as session or api key."),
    json_text("changes", "List of {field, from, to}; from and to are of any type."),
    json_text("association", "What was bound to or released from what."),
    json_text("auth_context", "Factors tried, policies applied and the device of a sign-in."),
)

_MFA_META: Final = json_text("mfa_meta", "More about the second factor; text or an object with its type.")
_AUTH_META: Final = json_text("auth_meta", "Factors of an LDAP bind, or what a RADIUS network accepts.")
_CORRELATION: Final = struct(
    "correlation",
    "What the event belongs with.",
    text("id", "Id of the operation."),
    text("type", "Kind of operation."),
)
_TARGET_RESOURCE: Final = struct(
    "target_resource", "What the sign-in was for.", text("type", "Such as admin_portal or APPLICATION.")
)
_SERVER_TIMESTAMP: Final = timestamp(
    "server_timestamp", "When the server saw it, where timestamp is cut to the second."
)
_TIMESTAMP_SOURCE: Final = text("timestamp_source", "Whose clock timestamp was read from, such as server.")
_APP_MANAGEMENT_SOURCE: Final = text("app_management_source", "What manages the software on the device.")
_DETAIL: Final = text("detail", "What happened, as a sentence.")

# Each service's own columns, after the leading ones. A service that is not here has the leading columns alone.
OWN: Final[dict[str, tuple[Field, ...]]] = {
    "directory": (
        _MFA_META,
        text("idm_client_id", "Id of the identity-management client that acted."),
        struct(
            "system_group",
            "The device group.",
            text("type", "Kind of object, system_group."),
            text("object_id", "Id of the group."),
            text("name", "Name of the group."),
        ),
        _CORRELATION,
        json_text("message_chain", "Answers of the parties involved; often an empty object."),
        _TARGET_RESOURCE,
        _SERVER_TIMESTAMP,
        _TIMESTAMP_SOURCE,
    ),
    "sso": (
        boolean("sso_token_success", "Whether the application got its token: the outcome of the sign-in."),
        boolean("idp_initiated", "Whether the sign-in began in the user portal rather than at the application."),
        _TARGET_RESOURCE,
        _MFA_META,
        _SERVER_TIMESTAMP,
        _TIMESTAMP_SOURCE,
    ),
    "radius": (
        text("auth_type", "Kind of authentication, such as eap or pap, in either case."),
        text("eap_type", "Method inside EAP."),
        text(
            "nas_mfa_state",
            "Whether the network asks for a second factor: disabled, enabled, required or always, in either case.",
        ),
        struct(
            "outer",
            "The outer layer of EAP.",
            text("eap_type", "Method of the outer layer."),
            text("username", "Name given in the outer layer."),
            text("error_message", "Why the outer layer failed."),
        ),
        _AUTH_META,
        _MFA_META,
    ),
    "ldap": (
        text("connection_id", "The connection, base64."),
        integer("operation_number", "Number of the operation within its connection."),
        text("operation_type", "Kind of operation."),
        text("dn", "Distinguished name that was bound or acted on."),
        text("mech", "Mechanism of the bind."),
        boolean("start_tls", "Whether the connection was to be encrypted by StartTLS."),
        boolean("tls_established", "Whether the connection was encrypted."),
        text("oid", "Object identifier of an extended operation."),
        text("base", "Where a search began."),
        integer("scope", "Scope of a search: 0 base, 1 one level, 2 subtree."),
        integer("deref", "How a search follows aliases, 0 to 3."),
        text("filter", "Filter of a search."),
        text("attr", "Attributes asked for, apart by spaces."),
        integer("number_of_results", "Entries that a search found."),
        integer("error_code", "LDAP result code; 0 is success."),
        _AUTH_META,
    ),
    "systems": (
        text("message", "What the device logged."),
        text("process_name", "Program that logged it, such as sshd."),
        text("src_ip", "Address that the sign-in at the device came from."),
        timestamp("system_timestamp", "When it happened by the clock of the device."),
        struct(
            "windows_meta",
            "More about a sign-in at Windows.",
            boolean("elevated", "Whether the session has administrator rights."),
            text("logon_type", "Windows' number of the kind of logon, 2 to 11."),
        ),
        _APP_MANAGEMENT_SOURCE,
    ),
    "software": (_APP_MANAGEMENT_SOURCE,),
    "mdm": (
        text("mdm_type", "Platform, such as apple or windows."),
        json_text("command", "The command that was sent: its request_type and payload."),
        text("command_uuid", "Id of the command."),
        text("request_type", "Kind of command, such as RestartDevice."),
        text("status", "What the device answered: Acknowledged, Error, CommandFormatError or Idle."),
        json_text("error_chain", "List of {error_code, error_domain, localized_description, us_english_description}."),
        text("result", "Outcome of an enrolment."),
        text("mdm_device_id", "Id of the managed device, as events carry it."),
        text("mdm_device_manager_id", "Id of the device manager, as events carry it."),
        text("device_object_id", "Id of the managed device, as the specification calls it."),
        text("device_manager_object_id", "Id of the device manager, as the specification calls it."),
        text("windows_device_uuid", "Windows' own id of the device."),
        json_text("profile_list", "Profiles installed on the device."),
    ),
    "password_manager": (),
    "object_storage": (
        text("result", "Outcome, as text."),
        text("referrer_object_id", "Id of the object that the item belongs to."),
        text("referrer_type", "Kind of that object, such as SOFTWARE_APP."),
        text("object_storage_item_object_id", "Id of the stored item."),
        text("object_storage_item_version_object_id", "Id of the item's version."),
        text("object_storage_item_version_name", "File name of the item's version."),
        integer("object_storage_item_version_size", "Bytes of the item's version."),
        text("object_storage_item_version_sha_256_sum", "SHA-256 of the item's version."),
        integer("total_software_item_count", "Items stored after the event."),
        integer("total_space_used", "Bytes stored after the event."),
        text("system_object_id", "Id of the device."),
    ),
    "alerts": (
        text("category", "What the alert is about, such as System or Directory."),
        text("severity", "How grave the alert is."),
        _CORRELATION,
    ),
    "notifications": (
        text("name", "Name of the notification channel."),
        text("type", "Kind of channel, such as email."),
        text("description", "Description of the channel."),
        text("channel_object_id", "Id of the channel."),
        _CORRELATION,
        json_text("config", "Whom the channel notifies: a list of objects with differing members."),
    ),
    "reports": (),
    "access_management": (
        text("pid", "Id of the process that handles the request."),
        text("access_request_id", "Id of the access request."),
        struct(
            "workflow",
            "The workflow that the request goes through.",
            text("type", "Kind of workflow."),
            text("id", "Id of the workflow."),
            text("name", "Name of the workflow."),
            text("desc", "Description of the workflow."),
        ),
    ),
    "saas_app_management": (_DETAIL,),
    "asset_management": (_DETAIL,),
    "workflows": (),
}
