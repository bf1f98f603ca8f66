"""Keeps what one run holds in an object store from others, by conditional puts: a store has no locks that end with a process.

A lease is an object that its holder writes again all the while. Who finds one that stays the same for its whole duration,
by his own clock, takes it; nobody compares the clocks of two machines.
"""

from __future__ import annotations

import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

if TYPE_CHECKING:
    from obstore import UpdateVersion
    from obstore.store import ObjectStore

RENEWED_AFTER: Final = 1 / 5
"""Of its duration: so a lease survives a store that doesn't answer once."""

# Of its duration: what a holder began to write until then is written, or given up, before anybody may take the lease.
_LOST_AFTER: Final = 1 / 2

_RENEWED_AT_ONCE: Final = 16


class _Content(msgspec.Struct, frozen=True):
    """Of a lease's object."""

    write: str
    """Another one each time it is written: so its ETag is another, too, and whoever wrote it knows his own."""
    free: bool


class Lease:
    """A hold of which the store knows; renewed by `Leases` until it is released or lost."""

    def __init__(self, leases: Leases, path: str, version: UpdateVersion, since: float) -> None:
        self.path = path
        self.version = version
        self.renewed_at = since
        """Before it was last written: others may have seen that long before its answer came."""
        self.taken = False
        self.writing = threading.Lock()
        self._leases = leases

    @property
    def lost(self) -> bool:
        """Whether somebody has taken it, or may before a write that begins now has ended."""
        return self.taken or time.monotonic() - self.renewed_at >= self._leases.duration * _LOST_AFTER

    def release(self) -> None:
        """Lets others have it at once; where the store can't be told, they have to wait."""
        self._leases.release(self)


class Leases:
    """The leases of one lake that this process has, and what it saw of others'."""

    def __init__(self, store: ObjectStore, duration: timedelta) -> None:
        self.duration = duration.total_seconds()
        self._store = store
        self._seen: dict[str, tuple[UpdateVersion, float]] = {}
        self._held: set[Lease] = set()
        self._changing = threading.Lock()
        self._renewing = False

    def acquire(self, path: str) -> Lease | None:
        """The lease, or None while another has it; raises obstore's errors.

        Whoever asks again and again gets it, at the latest when its holder has been silent for the whole duration.
        """
        found = self._read(path)
        since = time.monotonic()
        if found is None:
            version = self._put(path, None, free=False)
        else:
            content, known = found
            if not (_is_free(content) or self._abandoned(path, known)):
                return None
            version = self._put(path, known, free=False)
        if version is None:
            return None
        lease = Lease(self, path, version, since)
        with self._changing:
            self._seen.pop(path, None)
            self._held.add(lease)
            if not self._renewing:
                self._renewing = True
                threading.Thread(target=self._renew_while_held, daemon=True, name="leases").start()
        return lease

    def release(self, lease: Lease) -> None:
        """Says in the store that it is free, unless it is lost."""
        with self._changing:
            self._held.discard(lease)
        with lease.writing, suppress(BaseError):
            if not lease.lost:
                self._put(lease.path, lease.version, free=True)

    def _renew_while_held(self) -> None:
        while True:
            time.sleep(self.duration * RENEWED_AFTER)
            with self._changing:
                held = list(self._held)
                if not held:
                    self._renewing = False
                    return
            with ThreadPoolExecutor(_RENEWED_AT_ONCE) as pool:
                list(pool.map(self._renew, held))

    def _renew(self, lease: Lease) -> None:
        """What the store doesn't take now is tried again the next time."""
        with lease.writing, suppress(BaseError):
            if lease not in self._held or lease.taken:
                return
            since = time.monotonic()
            version = self._put(lease.path, lease.version, free=False)
            if version is None:
                lease.taken = True
            else:
                lease.version, lease.renewed_at = version, since

    def _abandoned(self, path: str, version: UpdateVersion) -> bool:
        """Whether the lease has been the same for its whole duration, as this process saw it."""
        now = time.monotonic()
        with self._changing:
            known, since = self._seen.get(path, (version, now))
            if known != version:
                since = now
            self._seen[path] = version, since
        return now - since >= self.duration

    def _put(self, path: str, known: UpdateVersion | None, *, free: bool) -> UpdateVersion | None:
        """The version written, or None where the object is no longer the known one (None: where there is one)."""
        content = msgspec.json.encode(_Content(secrets.token_hex(16), free))
        try:
            result = obstore.put(self._store, path, content, mode="create" if known is None else known)
        except (AlreadyExistsError, PreconditionError):
            # A put whose answer was lost is sent again, and then meets what it wrote itself.
            found = self._read(path)
            return found[1] if found is not None and found[0] == content else None
        return _version(result["e_tag"], result["version"])

    def _read(self, path: str) -> tuple[bytes, UpdateVersion] | None:
        try:
            found = obstore.get(self._store, path)
        except FileNotFoundError:
            return None
        return found.bytes().to_bytes(), _version(found.meta["e_tag"], found.meta["version"])


def _version(etag: str | None, generation: str | None) -> UpdateVersion:
    """S3 and Azure compare ETags, Google Cloud Storage generations; obstore takes no None for what a store doesn't have."""
    version: UpdateVersion = {}
    if etag is not None:
        version["e_tag"] = etag
    if generation is not None:
        version["version"] = generation
    return version


def _is_free(content: bytes) -> bool:
    """What another program may have written is waited for as any other lease."""
    try:
        return msgspec.json.decode(content, type=_Content).free
    except msgspec.MsgspecError:
        return False
