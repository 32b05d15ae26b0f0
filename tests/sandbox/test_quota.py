"""Counting what a folder holds that hostile code writes to."""

from __future__ import annotations

import os
from pathlib import Path

from greenroom_sandbox import quota
from greenroom_sandbox.quota import Usage


def test_a_file_with_holes_counts_its_length(tmp_path: Path) -> None:
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(10_000_000)
    assert quota.used(str(tmp_path)) == Usage(10_000_000, 1)


def test_what_a_link_points_to_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/usr")
    assert quota.used(str(tmp_path)).entries == 1


def test_folders_are_counted_with_what_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"x" * 100_000)
    found = quota.used(str(tmp_path))
    assert found.entries == 3
    assert found.size >= 100_000


def test_what_hides_too_deep_is_too_much(tmp_path: Path) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    for _ in range(quota.DEEPEST + 3):
        os.mkdir("x", dir_fd=handle)
        below = os.open("x", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(handle)
    assert quota.used(str(tmp_path)).over(quota.limit(100))


def test_a_folder_that_is_too_full_may_stay_so_and_not_grow() -> None:
    limit = quota.limit(1).or_what_is_there(Usage(5_000_000, 10))
    assert not Usage(5_000_000, 10).over(limit)
    assert Usage(5_000_001, 10).over(limit)
    assert Usage(0, quota.COUNTED + 1).over(limit.or_what_is_there(Usage(0, quota.COUNTED + 1)))
