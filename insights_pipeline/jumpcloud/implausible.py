"""How an answer is called that must not be believed. What is believed is said where each kind of answer is read."""

import msgspec

# What msgspec raises for bytes that it cannot read: bad syntax, bad UTF-8 where it looks at text, too deep a nesting.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Implausible(Exception):
    """An answer that contradicts itself. The message tells how, never what the answer holds."""
