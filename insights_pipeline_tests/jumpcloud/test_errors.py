"""Refusals by status, and sentences that say what to do without giving anything away."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.jumpcloud import (
    BadRequest,
    Forbidden,
    JumpCloudError,
    NotEntitled,
    NotFound,
    RequestRefused,
    Unauthorized,
    Unavailable,
)
from insights_pipeline.jumpcloud.errors import refusal, server_message, valid_services


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (400, BadRequest, "correct the services, times, fields or organization id"),
        (401, Unauthorized, "set JUMPCLOUD_API_KEY"),
        (402, NotEntitled, "Directory Insights is not enabled"),
        (403, Forbidden, "role may read Directory Insights"),
        (404, NotFound, "check the region or the API address"),
        (302, RequestRefused, "check the API address"),
        (413, RequestRefused, "check the API address"),
    ],
)
def test_every_refusal_says_what_to_do(status: int, kind: type[RequestRefused], advice: str) -> None:
    error = refusal(status, b'{"message":"no"}', asked="sso", request_id="r-1", attempts=1)
    assert type(error) is kind
    assert error.status == status
    assert error.server_message == "no"
    assert str(error).startswith(f"HTTP {status}: ")
    assert advice in str(error)
    assert str(error).endswith("(sso, request r-1)")


def test_only_a_bad_request_quotes_the_server() -> None:
    body = b'{"message":"Start Time not after End Time"}'
    quoting = [status for status in (400, 401, 402, 403, 404, 418) if "Start Time" in str(refused(status, body))]
    assert quoting == [400]


def refused(status: int, body: bytes) -> RequestRefused:
    return refusal(status, body, asked="", request_id=None, attempts=1)


def test_an_error_names_what_was_asked_the_request_and_the_attempts() -> None:
    error = Unavailable("it failed", asked="sso from a to b", request_id="r-1", attempts=8)
    assert isinstance(error, JumpCloudError)
    assert str(error) == "it failed (sso from a to b, request r-1, 8 attempts)"
    assert str(Unavailable("it failed")) == "it failed"


@pytest.mark.parametrize(
    ("message", "services"),
    [
        ("Invalid service: foo. Valid services are: all, directory, sso", ("all", "directory", "sso")),
        ("service.0 in body must be one of [all directory sso]", ("all", "directory", "sso")),
        ("'foo' is no valid service, allowed values: all,directory and sso. See page 2", ("all", "directory", "sso")),
        ("unknown service foo (supported services: all, directory, sso)", ("all", "directory", "sso")),
        ('Invalid service "foo": must be one of the following: all, directory or sso', ("all", "directory", "sso")),
        ("Invalid service: expected one or more of all, directory, sso", ("all", "directory", "sso")),
        ("Invalid service", ()),
        ("Start Time not after End Time 2026-01-26T09:13:52Z > 2026-01-26T09:11:52Z", ()),
        ("", ()),
    ],
)
def test_the_services_that_a_refusal_lists_are_found(message: str, services: tuple[str, ...]) -> None:
    assert valid_services(message) == services
    error = refused(400, json.dumps({"message": message}).encode())
    assert isinstance(error, BadRequest)
    assert error.valid_services == services


@given(st.text())
def test_a_servers_message_is_one_printable_line_of_bounded_length(message: str) -> None:
    shown = server_message(json.dumps({"message": message}).encode())
    assert len(shown) <= 500
    assert shown.isprintable()


@given(st.binary())
def test_any_other_error_body_says_nothing(body: bytes) -> None:
    assert server_message(b"<" + body) == ""


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"message":7}', b'"x"', b'{"message":"\xff"}', b"[" * 100_000])
def test_an_error_body_of_another_shape_says_nothing(body: bytes) -> None:
    assert server_message(body) == ""
