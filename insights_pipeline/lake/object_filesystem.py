"""Object stores as DuckDB takes them, in the form of fsspec: read alone, few requests. Needs the extra `object-store`.

DuckDB's own way, its extension httpfs, is a download at run time. A small file is read by one request, which asks for its
end and gets all of it. DuckDB opens a file twice for each query and asks each time how large and how old it is, which would
be six requests: what is known of a file, this keeps.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import partial
from io import RawIOBase
from typing import TYPE_CHECKING, Any, Final, Self

import obstore
from fsspec import AbstractFileSystem
from obstore.exceptions import NotSupportedError, PreconditionError

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ObjectStore

# A day of some ten thousand events is whole within it, the footer of a larger one.
END_BYTES: Final = 2**20

# Of ends: a thousand days of some hundred events, most of a tenant's.
KEPT_BYTES: Final = 64 * 2**20

_LISTINGS_AT_ONCE: Final = 32


class ObjectFilesystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """All buckets of one scheme (`s3`); `open_bucket` gives the store of a bucket.

    To be used for as long as a build or a query: a file is seen as it was when it was first opened.
    """

    cachable = False

    def __init__(self, scheme: str, open_bucket: Callable[[str], ObjectStore]) -> None:
        super().__init__(use_listings_cache=False)
        self.protocol = scheme
        self._open_bucket = open_bucket
        self._stores: dict[str, ObjectStore] = {}
        self._known: dict[str, _Opened] = {}
        self._kept = 0
        self._changing = threading.Lock()

    def _open(self, path: str, mode: str = "rb", **_: Any) -> _ObjectFile:
        if mode != "rb":
            raise OSError("DuckDB only reads the lake; it is written by `insights run`.")
        return _ObjectFile(self._opened(path))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Raises FileNotFoundError."""
        return {"name": path, "size": self._opened(path).size, "type": "file"}

    def modified(self, path: str) -> datetime:
        """When it was written, UTC."""
        return self._opened(path).modified

    def _opened(self, path: str) -> _Opened:
        path = self._strip_protocol(path)
        known = self._known.get(path)
        if known is None:
            known = _Opened.of(*self._split(path))
            with self._changing:
                if path not in self._known:
                    self._known[path] = known
                    self._kept += len(known.end)
                while self._kept > KEPT_BYTES and len(self._known) > 1:
                    self._kept -= len(self._known.pop(next(iter(self._known))).end)
        return known

    def glob(self, path: str, **_: Any) -> list[str]:
        """Paths with the bucket and without the scheme, sorted; `*` is any part of one name.

        Folders up to the last pattern are found name by name, what is below them by listings side by side: a file each day
        of sixteen services is then sixteen listings in parallel, not one after the other.
        """
        if "*" not in path:
            return [self._strip_protocol(path)]
        store, key = self._split(path)
        bucket = self._bucket(path)
        *folders, name = key.split("/")
        patterns = [number for number, folder in enumerate(folders) if "*" in folder]
        last = patterns[-1] if patterns else len(folders)
        with ThreadPoolExecutor(_LISTINGS_AT_ONCE) as pool:
            found = [""]
            for folder in folders[:last]:
                if "*" in folder:
                    inside = pool.map(partial(_folders, store), found)
                    found = [one for names in inside for one in names if fnmatchcase(one.rpartition("/")[2], folder)]
                else:
                    found = [f"{parent}/{folder}".lstrip("/") for parent in found]
            wanted = [*folders[last:], name]
            listed = pool.map(lambda parent: [meta["path"] for meta in _listed(store, parent)], found)
            return sorted(
                f"{bucket}/{path}"
                for parent, paths in zip(found, listed, strict=True)
                for path in paths
                if _all_match(wanted, path.removeprefix(f"{parent}/").split("/"))
            )

    def _bucket(self, path: str) -> str:
        return str(self._strip_protocol(path)).partition("/")[0]

    def _split(self, path: str) -> tuple[ObjectStore, str]:
        bucket, _, key = str(self._strip_protocol(path)).partition("/")
        if bucket not in self._stores:
            self._stores[bucket] = self._open_bucket(bucket)
        return self._stores[bucket], key

    def _strip_protocol(self, path: str) -> str:  # of the instance: fsspec's own goes by the class
        return path.removeprefix(f"{self.protocol}://").rstrip("/")


@dataclass(frozen=True, slots=True)
class _Opened:
    """An object as it was when it was first opened."""

    store: ObjectStore
    key: str
    size: int
    modified: datetime
    etag: str | None
    end: bytes
    """The last of its bytes, at most END_BYTES of them."""

    @classmethod
    def of(cls, store: ObjectStore, key: str) -> Self:
        """Raises FileNotFoundError."""
        try:
            found = obstore.get(store, key, options={"range": {"suffix": END_BYTES}})
            meta, end = found.meta, found.bytes().to_bytes()
        except NotSupportedError:  # Azure has no ranges from the end
            meta, end = obstore.head(store, key), b""
        return cls(store, key, meta["size"], meta["last_modified"], meta["e_tag"], end)

    def range(self, start: int, stop: int) -> bytes:
        """Raises OSError when another object is there by now: its bytes would be read by the old one's footer."""
        known_from = self.size - len(self.end)
        if start >= known_from:
            return self.end[start - known_from : stop - known_from]
        options: GetOptions = {"range": (start, stop)}
        if self.etag is not None:
            options["if_match"] = self.etag
        try:
            content: bytes = obstore.get(self.store, self.key, options=options).bytes().to_bytes()
        except PreconditionError:
            raise OSError(f"{self.key} was written again while it was being read: ask again.") from None
        return content


class _ObjectFile(RawIOBase):
    """What DuckDB takes for an open file."""

    def __init__(self, opened: _Opened) -> None:
        super().__init__()
        self._opened = opened
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._position = offset + (0, self._position, self._opened.size)[whence]
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        start, end = self._position, self._opened.size
        stop = end if size < 0 else min(start + size, end)
        if start >= stop:
            return b""
        self._position = stop
        return self._opened.range(start, stop)


def _folders(store: ObjectStore, parent: str) -> list[str]:
    found = obstore.list_with_delimiter(store, f"{parent}/" if parent else None)
    return [prefix.rstrip("/") for prefix in found["common_prefixes"]]


def _listed(store: ObjectStore, parent: str) -> Iterable[Any]:
    chunks = obstore.list(store, f"{parent}/" if parent else None, chunk_size=1000)
    return [meta for chunk in chunks for meta in chunk]


def _all_match(patterns: list[str], names: list[str]) -> bool:
    return len(patterns) == len(names) and all(map(fnmatchcase, names, patterns))
