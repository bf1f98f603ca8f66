"""What a place for files has to be able to do, so that a lake can lie in it: a disk, an object store, no third yet."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as a listing tells of it."""

    path: str
    """Relative to the root."""
    size: int
    version: str
    """Another one whenever the file was written again."""


class Hold(Protocol):
    """What keeps other runs away from a service."""

    @property
    def lost(self) -> bool:
        """Whether others may have taken it meanwhile."""

    def release(self) -> None:
        """Lets others have it."""


class AtHand(Protocol):
    """Gives files to programs that read local files alone."""

    def fetch(self, relative: str) -> tuple[bytes, str]:
        """The content, and where it lies on disk meanwhile; raises FileNotFoundError and LakeError."""


class Files(Protocol):
    """Whole files by their paths, which are relative to the root and written with `/`.

    Every method but `location` raises LakeError where the place itself fails.
    """

    side_by_side: int
    """As many requests at once as make sense."""
    poll_seconds: float
    """How long to wait before asking for a hold again."""

    def location(self, relative: str) -> str:
        """Where DuckDB and pyarrow find the file."""

    def check_writable(self) -> None:
        """Raises LakeError unless files can be made here; leaves nothing behind."""

    def read(self, relative: str) -> bytes:
        """Raises FileNotFoundError when it isn't there."""

    def size(self, relative: str) -> int | None:
        """In bytes; None where there is no such file."""

    def write(self, relative: str, data: bytes) -> None:
        """Whole or not at all, and there for good when this returns."""

    def writing(self, relative: str) -> AbstractContextManager[str]:
        """A temporary file on disk, which takes the target's place when the block ends well."""

    def remove(self, relative: str) -> None:
        """Does nothing where there is no such file."""

    def remove_folder(self, relative: str) -> None:
        """With everything inside; does nothing where there is none."""

    def sweep(self, relative: str, keep: Collection[str]) -> int:
        """Removes every file below the folder save those to keep; gives how many went."""

    def remove_temporary_files(self, before: datetime) -> int:
        """Removes what `writing` left when it was killed and nobody touched since; gives how many files went."""

    def folders(self, relative: str) -> list[str]:
        """Names of the folders directly inside; none where there is no such folder."""

    def files_of_folders(self, relative: str, name: str) -> list[StoredFile]:
        """The files of this name, each in one of the folders directly inside."""

    def hold(self, relative: str) -> Hold | None:
        """The hold that bears this name, or None while somebody else has it."""

    def at_hand(self) -> AbstractContextManager[AtHand]:
        """What it gives lies on disk as long as the block runs."""
