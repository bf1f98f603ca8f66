"""Keeps JumpCloud Directory Insights events for good, proves that none is missing, and reports on them."""
