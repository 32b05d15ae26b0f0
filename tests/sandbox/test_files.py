"""Handing over files from a folder that hostile code writes to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from greenroom_sandbox import files


def test_regular_files_are_collected_by_path(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.csv").write_bytes(b"1")
    (tmp_path / "sub" / "b.csv").write_bytes(b"2")
    assert files.collect(str(tmp_path), 100) == {"a.csv": b"1", "sub/b.csv": b"2"}


def test_links_pipes_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    work = tmp_path / "work"
    work.mkdir()
    (work / "link").symlink_to(secret)
    (work / "folder").symlink_to(tmp_path)
    (work / ".hidden").write_text("x")
    os.mkfifo(work / "pipe")
    assert files.collect(str(work), 100) == {}


def test_a_linked_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(OSError, match="link"):
        files.collect(str(tmp_path / "link"), 100)


def test_a_byte_over_the_limit_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 101)
    with pytest.raises(files.TooMuch):
        files.collect(str(tmp_path), 100)


def test_putting_replaces_a_link_and_not_what_it_points_to(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("untouched")
    work = tmp_path / "work"
    work.mkdir()
    (work / "data.csv").symlink_to(target)
    files.put(str(work), {"data.csv": b"new"}, None)
    assert target.read_text() == "untouched"
    assert (work / "data.csv").read_bytes() == b"new"
    assert not (work / "data.csv").is_symlink()


@pytest.mark.parametrize("name", ["../evil", "a/../b", "/a", "a//b", "", ".", "..", "a\0b", "a/" * 8 + "b"])
def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="refused"):
        files.put(str(tmp_path), {name: b""}, None)


def test_a_file_is_put_into_a_folder_of_its_own(tmp_path: Path) -> None:
    for content in (b"1", b"2"):
        files.put(str(tmp_path), {"data/new/orders.csv": content, "b.csv": content}, None)
    assert files.collect(str(tmp_path), 100) == {"b.csv": b"2", "data/new/orders.csv": b"2"}


def test_a_linked_folder_on_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    work = tmp_path / "work"
    work.mkdir()
    (work / "data").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="Not a directory"):
        files.put(str(work), {"data/orders.csv": b""}, None)
    assert list((tmp_path / "outside").iterdir()) == []
