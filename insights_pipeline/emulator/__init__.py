"""A Directory Insights API on loopback, with an invented tenant or given events: for the demo and for tests.

A faithful service, not a mock: it answers over HTTP as the public documents say and shows faults on demand. It uses
nothing else of this project. ``with serve(Tenant.invented(seed=7, last_day=day, days=7)) as emulator:`` gives
`emulator.url` for ``JUMPCLOUD_API_URL``, `emulator.behaviour` to change, `emulator.truth` to compare with, and
`emulator.requests` to count.
"""

from insights_pipeline.emulator.access import DEMO_API_KEY, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET
from insights_pipeline.emulator.behaviour import Behaviour, Fault
from insights_pipeline.emulator.server import RunningEmulator, run, serve
from insights_pipeline.emulator.service import Emulator, RecordedRequest
from insights_pipeline.emulator.tenant.model import Tenant

__all__ = [
    "DEMO_API_KEY",
    "DEMO_CLIENT_ID",
    "DEMO_CLIENT_SECRET",
    "Behaviour",
    "Emulator",
    "Fault",
    "RecordedRequest",
    "RunningEmulator",
    "Tenant",
    "run",
    "serve",
]
