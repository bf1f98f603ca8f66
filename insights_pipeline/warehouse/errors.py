"""What can go wrong in the warehouse, each as one sentence that says what to do."""

from __future__ import annotations


class WarehouseError(Exception):
    """The models could not be built, published or asked; the message is one sentence with the remedy."""
