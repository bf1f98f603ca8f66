"""Days, manifests and typed files as the lake has them; where the files lie is `files`' matter, what events mean others'."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import msgspec

from insights_pipeline.lake import layout
from insights_pipeline.lake.errors import DamagedManifest, LakeError, ServiceBusy
from insights_pipeline.lake.files import AtHand, Files, Hold
from insights_pipeline.lake.gathered import WORTH_GATHERING, Told, gathered_manifests
from insights_pipeline.lake.layout import DayKey
from insights_pipeline.lake.local_files import LocalFiles
from insights_pipeline.lake.manifest import Manifest, decode, encode

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class EventsFile:
    """A typed file as a listing has it; size and version tell whether it is the one that was seen before."""

    key: DayKey
    size: int
    version: str


class Lake:
    """A lake in a folder, or in an object store by its address (`s3://bucket/prefix`).

    Every path given to its methods is relative to the root. Raises LakeError for an object store without the extra.
    """

    def __init__(self, place: Path | str) -> None:
        self.place = place if isinstance(place, str) and _is_address(place) else str(Path(place).absolute())
        self._files = _files(self.place)
        self._holds: dict[str, Hold] = {}

    def location(self, relative: str) -> str:
        """Where DuckDB and pyarrow find the file."""
        return self._files.location(relative)

    def check_writable(self) -> None:
        """Raises LakeError unless files can be made here; leaves nothing behind, not even the folder."""
        self._files.check_writable()

    def read(self, relative: str) -> bytes:
        """Raises FileNotFoundError when it isn't there, LakeError where the lake can't be reached."""
        return self._files.read(relative)

    def size(self, relative: str) -> int | None:
        """In bytes; None where there is no such file."""
        return self._files.size(relative)

    def write(self, relative: str, data: bytes) -> None:
        """Whole or not at all, and there for good when this returns; raises LakeError."""
        self._files.write(relative, data)

    def writing(self, relative: str) -> AbstractContextManager[str]:
        """A temporary file's path, whose content is the target's when the block ends well; raises LakeError."""
        return self._files.writing(relative)

    def remove(self, relative: str) -> None:
        """Does nothing where there is no such file."""
        self._files.remove(relative)

    def remove_folder(self, relative: str) -> None:
        """With everything inside; does nothing where there is none."""
        self._files.remove_folder(relative)

    def sweep(self, relative: str, keep: Collection[str]) -> int:
        """Removes every file below the folder save those to keep, and folders left empty; gives how many files went."""
        return self._files.sweep(relative, keep)

    def remove_temporary_files(self, before: datetime) -> int:
        """Removes what `writing` left when it was killed and nobody touched since; gives how many files went."""
        return self._files.remove_temporary_files(before)

    def at_hand(self) -> AbstractContextManager[AtHand]:
        """Files for programs that read a local disk alone, which have them as long as the block runs."""
        return self._files.at_hand()

    def each(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """`map` for what asks the lake once or twice an item: side by side where each answer has to be waited for."""
        if self._files.side_by_side == 1:
            yield from map(function, items)
            return
        with ThreadPoolExecutor(self._files.side_by_side) as pool:
            yield from pool.map(function, items)

    def manifest(self, key: DayKey) -> Manifest | None:
        """None for a day that was never fetched; raises DamagedManifest, and LakeError where the lake can't be reached."""
        try:
            return decode(self.read(key.manifest_file))
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise DamagedManifest(
                f"The manifest {self.location(key.manifest_file)} is damaged ({error}): "
                "remove the file, and the next run fetches that day again."
            ) from error

    def readable_manifest(self, key: DayKey) -> Manifest | None:
        """None where it is damaged too: for who looks at many days, and leaves naming the damaged one to the collector."""
        try:
            return self.manifest(key)
        except DamagedManifest:
            return None

    def manifests(self, keys: Iterable[DayKey]) -> list[Told]:
        """What `manifest` gives or raises as DamagedManifest for each of many days, sorted; raises LakeError.

        From an object store, where each would be a request, all of a service's years take some ten; services are asked side by side.
        """
        if self._files.side_by_side == 1:
            return list(map(self._told, sorted(keys)))
        services = [list(days) for _, days in groupby(sorted(keys), key=lambda key: (key.org, key.service))]
        return [told for of_service in self.each(self._told_of_service, services) for told in of_service]

    def _told_of_service(self, keys: Sequence[DayKey]) -> Iterable[Told]:
        if len(keys) < WORTH_GATHERING:
            return list(map(self._told, keys))
        folder = layout.service_folder(layout.RAW, keys[0].org, keys[0].service)
        return gathered_manifests(self._files, folder, keys, partial(map, self._told))

    def _told(self, key: DayKey) -> Told:
        try:
            return self.manifest(key)
        except DamagedManifest as error:
            return error

    def write_manifest(self, manifest: Manifest) -> None:
        """The commit of a day's pages. Raises LakeError, also when this run's hold of the service was lost meanwhile."""
        hold = self._holds.get(_lock_file(manifest.org, manifest.service))
        if hold is not None and hold.lost:
            raise LakeError(
                f"This run did not reach the lake {self.place} for so long that another may be collecting "
                f"{manifest.service} now, so its pages of {manifest.date} are not committed: run again."
            )
        self.write(manifest.key.manifest_file, encode(manifest))

    @asynccontextmanager
    async def collecting(self, org: str, service: str, patience_seconds: float) -> AsyncIterator[None]:
        """Keeps other runs away from the service, so that they don't take each other's pages for leftovers.

        Raises ServiceBusy when another still has it after so long, and LakeError.
        """
        deadline = time.monotonic() + patience_seconds
        lock = _lock_file(org, service)
        while (hold := await self._hold(lock)) is None:
            if time.monotonic() >= deadline:
                raise ServiceBusy
            await asyncio.sleep(self._files.poll_seconds)
        self._holds[lock] = hold
        try:
            yield
        finally:
            del self._holds[lock]
            await asyncio.to_thread(hold.release)

    async def _hold(self, lock: str) -> Hold | None:
        """Not left held where nobody waits for the answer any more."""
        asking = asyncio.ensure_future(asyncio.to_thread(self._files.hold, lock))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            if (hold := await asking) is not None:
                hold.release()
            raise

    @contextmanager
    def held(self, org: str, service: str) -> Iterator[bool]:
        """Whether nobody else collects the service while the block runs; doesn't wait."""
        hold = self._files.hold(_lock_file(org, service))
        try:
            yield hold is not None
        finally:
            if hold is not None:
                hold.release()

    def raw_days(self) -> list[DayKey]:
        """Every day that has a folder of raw pages, committed or not, sorted."""
        services = self._services(layout.RAW)
        return sorted(
            key
            for service, days in zip(services, self.each(self._files.folders, services), strict=True)
            for day in days
            if (key := DayKey.from_folder(f"{service}/{day}")) is not None
        )

    def events_files(self) -> list[EventsFile]:
        """Every typed file, sorted by its key."""
        listed = self.each(
            partial(self._files.files_of_folders, name=layout.EVENTS_FILE), self._services(layout.EVENTS)
        )
        found = [
            EventsFile(key, file.size, file.version)
            for files in listed
            for file in files
            if (key := DayKey.from_folder(file.path)) is not None
        ]
        return sorted(found, key=lambda file: file.key)

    def _services(self, area: str) -> list[str]:
        """The folders of an area in which days lie."""
        orgs = [f"{area}/{org}" for org in self._files.folders(area)]
        services = self.each(self._files.folders, orgs)
        return [f"{org}/{name}" for org, names in zip(orgs, services, strict=True) for name in names]


def _lock_file(org: str, service: str) -> str:
    return f"{layout.service_folder(layout.RAW, org, service)}/.lock"


def _is_address(place: str) -> bool:
    """Whether it names an object store rather than a folder."""
    return "://" in place


def filesystem_of(place: str) -> Any:
    """What DuckDB has to be given before it finds files of this address, as fsspec has it; None for a local disk.

    Raises LakeError for an object store without the extra.
    """
    return _object_files(place).filesystem_of(place) if _is_address(place) else None


def _files(place: str) -> Files:
    return _object_files(place).ObjectFiles(place) if _is_address(place) else LocalFiles(Path(place))


def _object_files(place: str) -> ModuleType:
    """The module that needs an extra."""
    try:
        return importlib.import_module("insights_pipeline.lake.object_files")
    except ModuleNotFoundError as error:
        raise LakeError(
            f"The lake is in {place}, and object stores need the extra `object-store`: "
            "install it with `make setup EXTRAS='dashboard object-store'`."
        ) from error
