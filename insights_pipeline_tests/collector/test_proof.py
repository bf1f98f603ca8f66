"""The proof itself: documents that look alike, edges, bursts, and counts that are wrong for a while or for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from insights_pipeline.collector.plan import SLICE_EVENTS
from insights_pipeline.emulator import Behaviour, Fault, Tenant
from insights_pipeline.emulator.behaviour import Call
from insights_pipeline_tests.collector.conftest import Serve
from insights_pipeline_tests.collector.harness import DAY, NOW, at, day_key, event, events_over

KEY = day_key("sso")
COUNT: frozenset[Call] = frozenset({"count"})


@pytest.mark.parametrize("end_inclusive", [False, True])
def test_events_on_the_first_and_last_instant_belong_to_their_day_alone(served: Serve, end_inclusive: bool) -> None:
    day_before, day_after = DAY - timedelta(days=1), DAY + timedelta(days=1)
    edges = ["00:00:00", "00:00:00.000000", "23:59:59.999", "23:59:59.999999"]
    events = [
        event(f"{day}-{number}", at(edge, day))
        for day in (day_before, DAY, day_after)
        for number, edge in enumerate(edges)
    ]
    site = served(Tenant.empty().with_events("sso", events), Behaviour(end_inclusive=end_inclusive))
    keys = [day_key("sso", day=day) for day in (day_before, DAY, day_after)]
    site.collect(*keys)
    assert all(site.is_proven(key) for key in keys)
    assert [site.manifest(key).held_events for key in keys] == [4, 4, 4]


@pytest.mark.parametrize("end_inclusive", [False, True])
@pytest.mark.parametrize("limit", [4, 10_000])
def test_documents_that_are_alike_share_an_id_or_have_none_are_all_counted(
    served: Serve, end_inclusive: bool, limit: int
) -> None:
    twin = event("twin", at("12:00:00"))
    on_the_edge = event("edge", at("00:00:00", DAY + timedelta(days=1)))
    nameless = {"timestamp": "2026-03-13T09:00:00Z", "event_type": "test"}
    events = [twin, twin, twin, event("twin", at("12:00:00"), success=True), event("twin", at("13:00:00"))]
    events += [nameless, nameless, nameless | {"event_type": "other"}, {"id": "timeless"}, on_the_edge, on_the_edge]
    events += events_over(at("01:00:00"), at("23:00:00"), 20)
    behaviour = Behaviour(end_inclusive=end_inclusive, maximum_limit=limit)
    site = served(Tenant.empty().with_events("sso", events), behaviour)
    site.collect(KEY)
    assert site.is_proven(KEY)
    assert site.manifest(KEY).held_events == 29


@pytest.mark.parametrize("count", [100, 150, 199, 200, 399])
def test_a_row_that_paging_repeats_does_not_pass_for_the_event_that_is_missing(served: Serve, count: int) -> None:
    """Whatever the borders of a page are read from either end, the repeated row is no twin that the count asks for."""
    site = served(
        Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:59:00"), count)),
        Behaviour(maximum_limit=100, faults=(Fault("repeated_rows"), Fault("wrong_count", amount=1, calls=COUNT))),
    )
    site.collect(KEY)
    manifest = site.manifest(KEY)
    assert (manifest.state, manifest.held_events, manifest.expected_events) == ("short", count, count + 1)


def test_twins_are_told_from_rows_that_paging_repeats(served: Serve) -> None:
    events = events_over(at("00:00:00"), at("23:59:00"), 250)
    twins = [events[99], events[100], events[178]]  # beside the borders of pages of either size
    site = served(
        Tenant.empty().with_events("sso", events + twins),
        Behaviour(maximum_limit=100, faults=(Fault("repeated_rows", amount=2),)),
    )
    site.collect(KEY)
    assert site.is_proven(KEY)


@pytest.mark.parametrize("amount", [-3, 4])
@pytest.mark.parametrize("first", [1, 2])
def test_a_count_that_is_wrong_at_first_is_counted_again(served: Serve, amount: int, first: int) -> None:
    site = served(
        Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:00:00"), 30)),
        Behaviour(faults=(Fault("wrong_count", amount=amount, first=first, calls=COUNT),)),
    )
    site.collect(KEY)
    assert site.is_proven(KEY)


@pytest.mark.parametrize(("amount", "state"), [(-3, "over"), (4, "short")])
def test_a_count_that_stays_wrong_is_told_and_costs_a_bounded_number_of_walks(
    served: Serve, amount: int, state: str
) -> None:
    site = served(
        Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:00:00"), 30)),
        Behaviour(faults=(Fault("wrong_count", amount=amount, calls=COUNT),)),
    )
    for _ in range(2):
        before = site.calls("events")
        (outcome,) = site.collect(KEY)
        assert outcome.manifest is not None
        manifest = outcome.manifest
        assert (manifest.state, manifest.held_events, manifest.expected_events) == (state, 30, 30 + amount)
        assert site.texts(KEY) == set(site.true_texts(KEY))
        assert site.calls("events") - before <= 2
    site.emulator.behaviour.faults = ()
    site.collect(KEY)
    assert site.is_proven(KEY)


def test_a_second_with_more_events_than_a_slice_is_paged_through(served: Serve) -> None:
    burst = events_over(at("12:00:00"), at("12:00:00.400"), SLICE_EVENTS + 2_000, "burst-")
    rest = events_over(at("00:00:00"), at("23:59:00"), 9_000)
    site = served(Tenant.empty().with_events("sso", rest + burst), Behaviour(end_inclusive=True))
    site.collect(KEY)
    assert site.is_proven(KEY)
    slices = site.manifest(KEY).slices
    assert max(part.received for part in slices) >= len(burst)
    assert all(part.end - part.start < timedelta(seconds=2) for part in slices if part.received > SLICE_EVENTS)
    assert site.calls("count") < 130


def test_an_event_on_the_edge_between_two_slices_is_held_once(served: Serve) -> None:
    """40,000 even events part at 15:59:59.5, where this adds one that both neighbours get."""
    events = [*events_over(at("00:00:00"), at("23:59:59"), 40_000), event("edge", at("15:59:59.500"))]
    site = served(Tenant.empty().with_events("sso", events), Behaviour(end_inclusive=True))
    site.collect(KEY)
    manifest = site.manifest(KEY)
    assert site.is_proven(KEY)
    assert at("15:59:59.500") in {part.end for part in manifest.slices}
    assert sum(part.beyond for part in manifest.slices) == 1


def test_text_that_only_the_standard_library_reads_is_held_and_compared(served: Serve) -> None:
    odd = '{"id":"odd","timestamp":"2026-03-13T08:00:00Z","username":"\\ud800"}'
    site = served(Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:00:00"), 10)))
    row = site.emulator.store.shelf(site.emulator.tenant.sole_organization, "sso")[0]
    site.emulator.store.add(
        site.emulator.tenant.sole_organization,
        "sso",
        [row._replace(milliseconds=int(at("08:00:00").timestamp() * 1_000), document_id="odd", body=odd.encode())],
    )
    site.collect(KEY)
    site.emulator.arrive("sso", [event("late", at("10:00:00"))])
    site.collect(KEY)
    assert site.manifest(KEY).state == "complete"
    assert odd.encode() in site.texts(KEY)
    assert site.manifest(KEY).late_events == 1


def test_nothing_is_asked_of_a_day_whose_count_is_nought(served: Serve) -> None:
    site = served(Tenant.empty())
    site.collect(KEY)
    assert site.is_proven(KEY)
    assert (site.calls("count"), site.calls("events")) == (1, 0)
    assert site.manifest(KEY).counted_at == NOW
