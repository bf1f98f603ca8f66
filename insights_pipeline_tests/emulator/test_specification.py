"""The four calls against JumpCloud's own specification, where a copy of it lies beside the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from insights_pipeline.emulator import DEMO_API_KEY, RunningEmulator
from insights_pipeline_tests.emulator.conftest import PERIOD

SPECIFICATION = Path(__file__).parents[3] / "shared" / "api" / "directory-insights-openapi.json"

pytestmark = pytest.mark.skipif(not SPECIFICATION.exists(), reason="JumpCloud's specification is not at hand")

CALLS = ("/events", "/events/count", "/events/distinct", "/events/interval")


def specification() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SPECIFICATION.read_text("utf-8"))
    return loaded


def schema() -> Any:
    loaded = specification()
    loaded["paths"] = {path: loaded["paths"][path] for path in CALLS}
    # Headers that the specification writes as two schemes of security; the test sends its own.
    loaded["securityDefinitions"] = {}
    for item in loaded["paths"].values():
        item["post"]["security"] = []
    # What only the specification's prose says: a service is needed, a search has one operator, q and exact_match exclude
    # each other. Without it nearly every generated query is refused and nothing is tried.
    definitions = loaded["definitions"]
    definitions["EventServiceTimeQuery"]["properties"]["service"]["minItems"] = 1
    definitions["SearchTerm"] |= {"maxProperties": 1, "minProperties": 1, "additionalProperties": False}
    for name in ("EventQuery", "EventIntervalQuery"):
        del definitions[name]["allOf"][1]["properties"]["exact_match"]
    bounded = schemathesis.openapi.from_dict(loaded)
    bounded.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])
    return bounded


if SPECIFICATION.exists():
    api = schema()

    @api.parametrize()  # type: ignore[untyped-decorator]
    @settings(
        max_examples=15,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def test_whatever_the_specification_allows_is_answered_as_it_says(case: Any, emulator: RunningEmulator) -> None:
        if isinstance(case.body, dict):
            # Nearly all instants that the specification allows lie outside the tenant's life and would be refused.
            case.body |= PERIOD
        case.call_and_validate(
            base_url=f"{emulator.url}/insights/directory/v1",
            headers={"x-api-key": DEMO_API_KEY},
            checks=(not_a_server_error, content_type_conformance, response_schema_conformance),
        )


@pytest.mark.parametrize("call", CALLS)
def test_the_specification_s_own_services_are_all_known(client: Any, call: str) -> None:
    definitions = specification()["definitions"]
    services = definitions["EventServiceTimeQuery"]["properties"]["service"]["items"]["enum"]
    assert "all" in services
    for service in services:
        query = PERIOD | {"service": [service], "field": "event_type", "interval_unit": "d"}
        assert client.post(call, json=query).status_code == 200
