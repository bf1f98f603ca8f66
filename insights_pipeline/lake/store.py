"""Reads and writes the lake's files, each write whole or not at all. Knows names and manifests, not events."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from insights_pipeline.lake import layout
from insights_pipeline.lake.layout import DayKey
from insights_pipeline.lake.manifest import Manifest, decode, encode

_TEMPORARY = ".tmp"


class LakeError(Exception):
    """The lake can't be read or written: one sentence that names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class EventsFile:
    """A typed file as the disk lists it; size and time tell whether it is the one that was seen before."""

    key: DayKey
    size: int
    modified_ns: int


class Lake:
    """A lake on local disk. Every path given to its methods is relative to the root."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def location(self, relative: str) -> str:
        """Where DuckDB and pyarrow find the file."""
        return str(self.root / relative)

    def check_writable(self) -> None:
        """Raises LakeError unless files can be made here; leaves nothing behind, not even the folder."""
        nearest = next(folder for folder in (self.root, *self.root.parents) if folder.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise LakeError(
                f"The lake {self.root} can't be written because {nearest} is not a folder that you may write to: "
                "set INSIGHTS_LAKE or INSIGHTS_HOME to one that is."
            )

    def read(self, relative: str) -> bytes:
        """Raises FileNotFoundError when it isn't there."""
        return (self.root / relative).read_bytes()

    def size(self, relative: str) -> int | None:
        """In bytes; None where there is no such file."""
        try:
            return (self.root / relative).stat().st_size
        except FileNotFoundError:
            return None

    def write(self, relative: str, data: bytes) -> None:
        """Whole or not at all, and on the disk when this returns; raises LakeError."""
        with self.writing(relative) as temporary:
            Path(temporary).write_bytes(data)

    @contextmanager
    def writing(self, relative: str) -> Iterator[str]:
        """A temporary path beside the target, which takes its place when the block ends well; raises LakeError.

        The temporary name does not end in `.parquet` or `.json`: DuckDB's and Spark's patterns would find it.
        """
        target = self.root / relative
        temporary = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}{_TEMPORARY}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield str(temporary)
            _flush(temporary)
            os.replace(temporary, target)
            _flush(target.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise LakeError(_sentence(target, error)) from error
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def remove(self, relative: str) -> None:
        """Does nothing where there is no such file."""
        (self.root / relative).unlink(missing_ok=True)

    def remove_folder(self, relative: str) -> None:
        """With everything inside; does nothing where there is none."""
        shutil.rmtree(self.root / relative, ignore_errors=True)

    def sweep(self, relative: str, keep: Collection[str]) -> int:
        """Removes every file below the folder save those to keep, and folders left empty; gives how many files went."""
        removed = 0
        for folder, _, names in os.walk(self.root / relative, topdown=False):
            place = Path(folder)
            for name in names:
                if str((place / name).relative_to(self.root)) not in keep:
                    (place / name).unlink(missing_ok=True)
                    removed += 1
            with suppress(OSError):  # not empty
                place.rmdir()
        return removed

    def remove_temporary_files(self, before: datetime) -> int:
        """Removes what `writing` left when it was killed and nobody touched since; gives how many files went."""
        removed = 0
        for path in self.root.rglob(f"*{_TEMPORARY}"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    removed += 1
        return removed

    def manifest(self, key: DayKey) -> Manifest | None:
        """None for a day that was never fetched; raises LakeError for a damaged manifest."""
        try:
            return decode(self.read(key.manifest_file))
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise LakeError(
                f"The manifest {self.location(key.manifest_file)} is damaged ({error}): "
                "remove the file, and the next run fetches that day again."
            ) from error

    def readable_manifest(self, key: DayKey) -> Manifest | None:
        """None where it is damaged too: for who looks at many days, and leaves naming the damaged one to the collector."""
        try:
            return self.manifest(key)
        except LakeError:
            return None

    def write_manifest(self, manifest: Manifest) -> None:
        """The commit of a day's pages."""
        self.write(manifest.key.manifest_file, encode(manifest))

    def lock_file(self, org: str, service: str) -> str:
        """Held by whoever collects the service, so that two runs don't take each other's pages for leftovers."""
        folder = self.root / layout.RAW / f"org={org}" / f"service={service}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LakeError(_sentence(folder, error)) from error
        return str(folder / ".lock")

    def raw_days(self) -> list[DayKey]:
        """Every day that has a folder of raw pages, committed or not, sorted."""
        return sorted(key for key, _ in self._days(layout.RAW))

    def events_files(self) -> list[EventsFile]:
        """Every typed file, sorted by its key."""
        found = []
        for key, folder in self._days(layout.EVENTS):
            try:
                status = (folder / Path(key.events_file).name).stat()
            except FileNotFoundError:
                continue
            found.append(EventsFile(key, status.st_size, status.st_mtime_ns))
        return sorted(found, key=lambda file: file.key)

    def _days(self, area: str) -> Iterator[tuple[DayKey, Path]]:
        for org in _scan(self.root / area):
            for service in _scan(Path(org.path)):
                for day in _scan(Path(service.path)):
                    key = DayKey.from_folder(day.path)
                    if key is not None:
                        yield key, Path(day.path)


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _flush(path: Path) -> None:
    """Brings a file, or the names in a folder, to the disk: a rename alone can survive a power cut without the bytes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sentence(target: Path, error: OSError) -> str:
    return (
        f"{target} can't be written ({error.strerror or error}): "
        "free some space or set INSIGHTS_LAKE to a folder that you may write to."
    )
