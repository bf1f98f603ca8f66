"""What can go wrong with a report, each as one sentence that says what to do."""

from __future__ import annotations


class ReportError(Exception):
    """The reports could not be written; the message is one sentence with the remedy."""
