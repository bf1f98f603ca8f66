"""A lake's files on a local disk."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from insights_pipeline.lake.errors import LakeError
from insights_pipeline.lake.files import StoredFile

_TEMPORARY = ".tmp"


class LocalFiles:
    """Files below a folder; see `Files`."""

    side_by_side = 1
    poll_seconds = 0.05

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def location(self, relative: str) -> str:
        return str(self.root / relative)

    def check_writable(self) -> None:
        """Makes nothing, not even the folder."""
        nearest = next(folder for folder in (self.root, *self.root.parents) if folder.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise LakeError(
                f"The lake {self.root} can't be written because {nearest} is not a folder that you may write to: "
                "set INSIGHTS_LAKE or INSIGHTS_HOME to one that is."
            )

    def read(self, relative: str) -> bytes:
        return (self.root / relative).read_bytes()

    def size(self, relative: str) -> int | None:
        try:
            return (self.root / relative).stat().st_size
        except FileNotFoundError:
            return None

    def write(self, relative: str, data: bytes) -> None:
        """On the disk when this returns, not only in the system's memory."""
        with self.writing(relative) as temporary:
            Path(temporary).write_bytes(data)

    @contextmanager
    def writing(self, relative: str) -> Iterator[str]:
        """The temporary name does not end in `.parquet` or `.json`: DuckDB's and Spark's patterns would find it."""
        target = self.root / relative
        temporary = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}{_TEMPORARY}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield str(temporary)
            _flush(temporary)
            os.replace(temporary, target)
            _flush(target.parent)
        except OSError as error:
            with suppress(OSError):  # what ails the writing can ail this
                temporary.unlink()
            raise LakeError(_sentence(target, error)) from error
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def remove(self, relative: str) -> None:
        (self.root / relative).unlink(missing_ok=True)

    def remove_folder(self, relative: str) -> None:
        shutil.rmtree(self.root / relative, ignore_errors=True)

    def sweep(self, relative: str, keep: Collection[str]) -> int:
        """Folders left empty go, too."""
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
        removed = 0
        for path in self.root.rglob(f"*{_TEMPORARY}"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    removed += 1
        return removed

    def folders(self, relative: str) -> list[str]:
        try:
            with os.scandir(self.root / relative) as entries:
                return sorted(entry.name for entry in entries if entry.is_dir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def files_of_folders(self, relative: str, name: str) -> list[StoredFile]:
        """The version is the time of the last change, in nanoseconds."""
        found = []
        for folder in self.folders(relative):
            path = f"{relative}/{folder}/{name}"
            with suppress(FileNotFoundError):
                status = (self.root / path).stat()
                found.append(StoredFile(path, status.st_size, str(status.st_mtime_ns)))
        return found

    def hold(self, relative: str) -> _Held | None:
        """The system's lock of a file, which goes with the process that has it."""
        path = self.root / relative
        # Taken in one thread, let go in another.
        lock = FileLock(path, thread_local=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            return None
        except OSError as error:
            raise LakeError(_sentence(path, error)) from error
        return _Held(lock)

    @contextmanager
    def at_hand(self) -> Iterator[_InPlace]:
        yield _InPlace(self)


class _Held:
    """Of a local disk: nobody takes it from a living process."""

    lost = False

    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def release(self) -> None:
        self._lock.release()


class _InPlace:
    """Files that are on disk anyway."""

    def __init__(self, files: LocalFiles) -> None:
        self._files = files

    def fetch(self, relative: str) -> tuple[bytes, str]:
        return self._files.read(relative), self._files.location(relative)


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
