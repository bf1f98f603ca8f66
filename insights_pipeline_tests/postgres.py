"""A Postgres of its own on loopback, from Debian's package: for tests of what several hosts share. Ended with the block."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from insights_pipeline_tests.ports import free_port

PASSWORD = "a-password-that-no-log-may-show"


def _programs() -> Path | None:
    """The folder of the newest installed version: Debian keeps it off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    on_path = shutil.which("pg_ctl")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


PROGRAMS = _programs()
needs_postgres = pytest.mark.skipif(PROGRAMS is None, reason="Postgres is not installed: apt-get install postgresql")


@dataclass(frozen=True)
class Postgres:
    """A server that is running, or was stopped by the test."""

    url: str
    port: int
    _folder: Path
    _user: str | None
    """Whom it runs as; None for whoever runs the tests."""

    def start(self) -> None:
        """Returns when it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self.run("pg_ctl", "start", "--wait", "--silent", "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        """At once, whoever is connected."""
        self.run("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate")

    def new_database(self, name: str) -> str:
        """An empty one beside what other tests keep in the server; gives its address. Needs the extra `cluster`."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))
        return f"{self.url.rpartition('/')[0]}/{name}"

    def run(self, program: str, *arguments: str) -> None:
        """A program of Postgres, on this server's data."""
        assert PROGRAMS is not None
        subprocess.run(
            [str(PROGRAMS / program), "-D", str(self._folder / "data"), *arguments],
            check=True,
            user=self._user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Takes 2 to 3 seconds. Postgres refuses to run as root: then it runs as `nobody`."""
    user = "nobody" if os.geteuid() == 0 else None
    # Not below pytest's own folders, which are root's alone.
    with TemporaryDirectory(prefix="postgres-") as name:
        folder, port = Path(name), free_port()
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if user is not None:
            owner = pwd.getpwnam(user)
            for path in (folder, secret):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        url = f"postgresql://insights:{PASSWORD}@127.0.0.1:{port}/postgres"
        server = Postgres(url, port, folder, user)
        server.run("initdb", "--no-sync", "-U", "insights", "--auth=scram-sha-256", f"--pwfile={secret}")
        server.start()
        try:
            yield server
        finally:
            server.stop()
