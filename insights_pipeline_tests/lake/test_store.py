"""The lake writes whole files or none, and finds what it wrote."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.lake import DayKey, EventsFile, Lake, LakeError, Manifest, PageFile, Slice
from insights_pipeline.lake.manifest import decode, encode

KEY = DayKey("self", "sso", date(2026, 2, 22))
MOMENT = datetime(2026, 2, 22, 12, 30, 0, 500_000, tzinfo=UTC)
PAGE = PageFile(
    file="20260223T000000Z-00000000/0000.json.zst",
    rows=2,
    bytes=100,
    raw_bytes=900,
    sha256="0" * 64,
    request_id="r",
    fetched_at=MOMENT,
)
MANIFEST = Manifest(
    org="self",
    service="sso",
    date=KEY.day,
    state="complete",
    asked_service="sso",
    expected_events=2,
    held_events=2,
    late_events=0,
    counted=2,
    counted_at=MOMENT,
    fetched_at=MOMENT,
    settled_until=KEY.end,
    slices=[Slice(start=KEY.start, end=KEY.end, expected=2, received=2, beyond=0, pages=[PAGE], fetched_at=MOMENT)],
)


def test_paths_are_those_that_other_tools_read() -> None:
    assert KEY.manifest_file == "raw/org=self/service=sso/date=2026-02-22/manifest.json"
    assert KEY.events_file == "events/org=self/service=sso/date=2026-02-22/events.parquet"


@given(
    org=st.from_regex(r"[A-Za-z0-9_-]{1,30}", fullmatch=True),
    service=st.from_regex(r"[a-z_]{1,20}", fullmatch=True),
    day=st.dates(),
)
def test_a_key_is_read_back_from_its_folders(org: str, service: str, day: date) -> None:
    key = DayKey(org, service, day)
    assert DayKey.from_folder(f"/somewhere/{key.raw_folder}") == key
    assert DayKey.from_folder(key.events_file) == key


@pytest.mark.parametrize("path", ["raw/org=a/service=b", "raw/org=a/service=b/date=2026-13-40", "date=2026-01-01"])
def test_a_folder_that_is_no_day_has_no_key(path: str) -> None:
    assert DayKey.from_folder(path) is None


def test_a_manifest_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert lake.manifest(KEY) is None
    lake.write_manifest(MANIFEST)
    assert lake.manifest(KEY) == MANIFEST
    assert decode(encode(MANIFEST)) == MANIFEST


def test_a_damaged_manifest_is_named_with_the_remedy(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(KEY.manifest_file, b'{"org": "self"')
    with pytest.raises(LakeError, match=r"manifest\.json is damaged .* remove the file"):
        lake.manifest(KEY)


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write("a/file", b"old")

    def interrupted_write() -> None:
        with lake.writing("a/file") as temporary:
            Path(temporary).write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_write()
    assert lake.read("a/file") == b"old"
    assert os.listdir(tmp_path / "a") == ["file"]


def test_temporary_names_match_no_pattern_that_readers_use(tmp_path: Path) -> None:
    with Lake(tmp_path).writing(KEY.events_file) as temporary:
        assert not temporary.endswith((".parquet", ".json", ".zst"))
        Path(temporary).write_bytes(b"")


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(LakeError) as raised, lake.writing("a/file"):
        raise OSError(28, "No space left on device")
    assert "No space left on device" in str(raised.value)
    assert "free some space" in str(raised.value)
    assert os.listdir(tmp_path / "a") == []


def test_a_lake_below_a_file_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeError, match="INSIGHTS_LAKE or INSIGHTS_HOME"):
        Lake(tmp_path / "file" / "lake").check_writable()
    Lake(tmp_path / "new").check_writable()
    assert not (tmp_path / "new").exists()


def test_sweeping_removes_what_is_not_kept_and_folders_left_empty(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for name in ("keep/a", "keep/b", "dead/c"):
        lake.write(f"day/{name}", b"")
    assert lake.sweep("day", keep={"day/keep/a"}) == 2
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["day", "day/keep", "day/keep/a"]


def test_days_are_listed_by_their_folders(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    other = DayKey("self", "radius", date(2026, 2, 21))
    lake.write(KEY.events_file, b"1234")
    lake.write(other.manifest_file, b"")
    lake.write_manifest(MANIFEST)
    with lake.held("self", "sso"):
        pass
    assert lake.raw_days() == [other, KEY]
    (file,) = lake.events_files()
    assert file == EventsFile(KEY, 4, file.version)
    assert Lake(tmp_path / "nowhere").raw_days() == []
