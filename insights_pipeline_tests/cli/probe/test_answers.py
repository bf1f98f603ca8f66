"""Every finding has words, and they say which of the possible answers it was."""

from datetime import UTC, date, datetime

import pytest

from insights_pipeline.cli.probe.answers import QUESTION_TEXTS, answer, sentence
from insights_pipeline.cli.probe.findings import (
    AcceptedServices,
    Arrivals,
    Compression,
    EmptyAnswer,
    EndReading,
    Finding,
    Identities,
    LimitReading,
    OldKeyShape,
    PastRetention,
    ServiceSum,
    Unanswered,
)
from insights_pipeline.cli.probe.questions import QUESTIONS
from insights_pipeline.collector import Lateness

THEN, LATER = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 8, tzinfo=UTC)
DAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (EndReading(False, False, False), "No, a window ends before its end"),
        (EndReading(True, False, False), "a fraction of a millisecond later is not held"),
        (EndReading(True, None, False), "is not known, no event bears finer fractions"),
        (EndReading(True, True, False), "all events of the millisecond"),
        (EndReading(True, True, True), "all events of the second"),
        (EndReading(None, False, False), "Not known"),
        (LimitReading(10_001, 1_000), "10,001 becomes 1,000"),
        (LimitReading(10_001, None), "Not known"),
        (LimitReading(10_001, None, "limit too large"), "refused: limit too large"),
        (PastRetention(THEN, LATER, 0, LATER, 90), "first event of the last 90 days is of 2026-08-08"),
        (PastRetention(THEN, LATER, 0, None, 90), "is of none"),
        (PastRetention(THEN, LATER, 1_200, LATER, 90), "1,200 events of 2026-08-01 to 2026-08-08 are still there"),
        (PastRetention(THEN, LATER, None, LATER, 90, "too old"), "refused (too old)"),
        (ServiceSum(DAY, 5, {"sso": 3, "ldap": 2}, [], {}), "Yes, on 2026-11-01: 5 of `all`, 5 of 2 services."),
        (ServiceSum(DAY, 5, {"sso": 3}, ["ldap"], {"sso": 3, "pam": 2}), "(ldap not among them). Other"),
        (ServiceSum(DAY, 5, {"sso": 3}, [], {"sso": 3, "pam": 2}), "bear: pam 2."),
        (ServiceSum(DAY, 5, {"sso": 3}, [], {"sso": 5}), "bear: none but those."),
        (AcceptedServices("any", [], [], []), "Not known"),
        (AcceptedServices("listed", ["sso"], ["ldap"], []), "sso (as a refusal lists them). Refused: ldap."),
        (AcceptedServices("tried", ["sso", "pam"], [], ["pam"]), "name them in INSIGHTS_SERVICES: pam."),
        (Arrivals([]), "Not known"),
        (Arrivals([Lateness("sso", 9, 1, 1, 1, 5, 5), Lateness("ldap", 9, 1, 1, 1, 7_200, 7_200)]), "of ldap"),
        (Identities(0, 0, 0, 0), "Not known"),
        (Identities(1_000, 2, 0, 0), "Among 1,000 events: neither; 2 have no id."),
        (Identities(1_000, 0, 3, 1), "3 ids and 1 events"),
        (EmptyAnswer(True, "0", "1000", "ASC", None), "X-Sort: ASC, X-Search_after: not sent."),
        (EmptyAnswer(False, "1", "1000", "ASC", "[]"), "Not known"),
        (Compression("gzip", 90_000), "Yes, a page of 90,000 bytes came as gzip."),
        (Compression(None, 2), "No, a page of 2 bytes"),
        (OldKeyShape(0), "Not known"),
        (OldKeyShape(3, {"id": ["string"], "mfa": ["boolean", "null"]}), "In 3 of them: id string, mfa boolean|null."),
        (Unanswered("HTTP 503"), "Not known: HTTP 503."),
    ],
)
def test_a_finding_in_words(finding: Finding, said: str) -> None:
    assert said in sentence(finding)


def test_every_question_that_is_asked_has_a_text() -> None:
    assert QUESTION_TEXTS.keys() == QUESTIONS.keys()


def test_an_answer_carries_its_evidence() -> None:
    found = answer("limit", LimitReading(10_001, 1_000))
    assert found.question == "What does a limit above 10,000 do?"
    assert found.evidence == {"asked": 10_001, "used": 1_000, "refusal": ""}
