"""A lake's files in an object store: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage.

A put is whole or not at all there, which makes a rename unnecessary. Needs the extra `object-store`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from insights_pipeline.lake.errors import LakeError
from insights_pipeline.lake.files import StoredFile
from insights_pipeline.lake.leases import Lease, Leases
from insights_pipeline.lake.object_filesystem import ObjectFilesystem

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

# 5xx, SlowDown and broken connections are tried again, each time after twice the wait: of a store that is away for longer,
# the run ends and says so.
RETRIES: Final[RetryConfig] = {
    "max_retries": 10,
    "retry_timeout": timedelta(minutes=2),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=15), "base": 2},
}

# Of what is asked before anything depends on it: some two seconds of a store that isn't there.
FEW_RETRIES: Final[RetryConfig] = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}

# A killed run keeps its services from the next one for so long. Renewed after a fifth of it, a service that is collected
# all day costs 1,440 puts; half of it is more than the two minutes for which a write is tried, and the last try.
LEASE_DURATION = timedelta(minutes=5)

# An answer takes some 30 ms whatever it holds: 32 at once read a thousand manifests in a second.
REQUESTS_AT_ONCE: Final = 32

_LISTED_AT_ONCE: Final = 1_000
"""Names in an answer of S3."""


class ObjectFiles:
    """Objects below a prefix; see `Files`. Credentials, region and endpoint come from the store's usual variables
    (`AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT_URL`, …), or from the machine's role."""

    side_by_side = REQUESTS_AT_ONCE
    poll_seconds = 2.0

    def __init__(self, address: str) -> None:
        self.address = address
        self._store = open_store(address, RETRIES)
        self._impatient = open_store(address, FEW_RETRIES)
        self._leases = Leases(self._store, LEASE_DURATION)

    def location(self, relative: str) -> str:
        return f"{self.address}/{relative}"

    def check_writable(self) -> None:
        """By writing: whether a role may write is told by nothing else."""
        probe = f"writable-{secrets.token_hex(8)}.tmp"
        try:
            obstore.put(self._impatient, probe, b"")
            obstore.delete(self._impatient, probe)
        except (BaseError, OSError) as error:
            raise LakeError(_sentence(self.address, error)) from None

    def read(self, relative: str) -> bytes:
        try:
            content: bytes = obstore.get(self._store, relative).bytes().to_bytes()
        except FileNotFoundError:
            raise FileNotFoundError(self.location(relative)) from None
        except BaseError as error:
            raise LakeError(_sentence(self.location(relative), error)) from None
        return content

    def size(self, relative: str) -> int | None:
        try:
            size: int = obstore.head(self._store, relative)["size"]
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise LakeError(_sentence(self.location(relative), error)) from None
        return size

    def write(self, relative: str, data: bytes) -> None:
        self._put(relative, data)

    @contextmanager
    def writing(self, relative: str) -> Iterator[str]:
        """The file is on this machine's disk until it is whole; large ones are sent in parts."""
        with _scratch() as folder:
            path = folder / "content"
            try:
                yield str(path)
            except OSError as error:
                raise LakeError(_unwritable(path, error)) from error
            self._put(relative, path)

    def remove(self, relative: str) -> None:
        self._delete([relative])

    def remove_folder(self, relative: str) -> None:
        self._delete([file.path for file in self._list(relative)])

    def sweep(self, relative: str, keep: Collection[str]) -> int:
        going = [file.path for file in self._list(relative) if file.path not in keep]
        self._delete(going)
        return len(going)

    def remove_temporary_files(self, before: datetime) -> int:
        """There are none: what was cut short is no object, and its parts are a matter of the bucket's lifecycle rules."""
        del before
        return 0

    def folders(self, relative: str) -> list[str]:
        try:
            found = obstore.list_with_delimiter(self._store, f"{relative}/")
        except BaseError as error:
            raise LakeError(_sentence(self.location(relative), error)) from None
        return sorted(prefix.rstrip("/").rpartition("/")[2] for prefix in found["common_prefixes"])

    def files_of_folders(self, relative: str, name: str) -> list[StoredFile]:
        """The version is the object's ETag."""
        depth = relative.count("/") + 2
        return [
            file for file in self._list(relative) if file.path.endswith(f"/{name}") and file.path.count("/") == depth
        ]

    def hold(self, relative: str) -> Lease | None:
        try:
            return self._leases.acquire(relative)
        except BaseError as error:
            raise LakeError(_sentence(self.location(relative), error)) from None

    @contextmanager
    def at_hand(self) -> Iterator[_Copies]:
        with _scratch() as folder:
            yield _Copies(self, folder)

    def _list(self, relative: str) -> list[StoredFile]:
        try:
            listed = obstore.list(self._store, f"{relative}/", chunk_size=_LISTED_AT_ONCE)
            return [
                StoredFile(meta["path"], meta["size"], meta["e_tag"] or meta["last_modified"].isoformat())
                for chunk in listed
                for meta in chunk
            ]
        except BaseError as error:
            raise LakeError(_sentence(self.location(relative), error)) from None

    def _put(self, relative: str, content: bytes | Path) -> None:
        try:
            obstore.put(self._store, relative, content)
        except (BaseError, FileNotFoundError) as error:  # the bucket is what isn't found
            raise LakeError(_sentence(self.location(relative), error)) from None

    def _delete(self, paths: Collection[str]) -> None:
        if not paths:
            return
        try:
            obstore.delete(self._store, list(paths))
        except FileNotFoundError:
            pass
        except BaseError as error:
            raise LakeError(_sentence(self.location(next(iter(paths))), error)) from None


def open_store(address: str, retries: RetryConfig) -> ObjectStore:
    """The store below an address; raises LakeError for settings that can't be right."""
    # The endpoint that somebody names decides: MinIO on loopback, or within a cluster, speaks plain HTTP.
    options: ClientConfig = {"allow_http": True}
    try:
        return from_url(address, client_options=options, retry_config=retries)
    except (BaseError, ValueError) as error:
        raise LakeError(_sentence(address, error)) from None


def filesystem_of(address: str) -> ObjectFilesystem:
    """For DuckDB: all buckets of the address's scheme."""
    scheme = urlsplit(address).scheme
    return ObjectFilesystem(scheme, lambda bucket: open_store(f"{scheme}://{bucket}", RETRIES))


class _Copies:
    """Objects copied to a folder, each under a name of its own."""

    def __init__(self, files: ObjectFiles, folder: Path) -> None:
        self._files = files
        self._folder = folder

    def fetch(self, relative: str) -> tuple[bytes, str]:
        content = self._files.read(relative)
        path = self._folder / relative.replace("/", "~")
        try:
            path.write_bytes(content)
        except OSError as error:
            raise LakeError(_unwritable(path, error)) from error
        return content, str(path)


@contextmanager
def _scratch() -> Iterator[Path]:
    with TemporaryDirectory(prefix="insights-lake-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _unwritable(path: Path, error: OSError) -> str:
    return (
        f"{path} can't be written ({error.strerror or error}): free some space or set TMPDIR to a folder that has it."
    )


def _sentence(place: str, error: Exception) -> str:
    """The gist of the store's answer: the first lines are what happened, the rest is the request."""
    gist = " ".join(str(error).split("Debug source:")[0].split())[:400].rstrip(". ")
    return (
        f"{place} can't be reached or used ({gist}): check INSIGHTS_LAKE, the store's credentials and endpoint "
        "(AWS_ACCESS_KEY_ID, AWS_REGION, AWS_ENDPOINT_URL and the like), and that they may list, read, write and delete there."
    )
