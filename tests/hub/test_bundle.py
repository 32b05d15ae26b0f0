"""All code that a candidate's browser runs: named by its hash, kept for good, and the same whoever builds it."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from greenroom_hub import bundle
from greenroom_hub.bundle import LAB, STATIC, Bundle
from greenroom_hub.settings import PREFIX
from greenroom_proctor.words import Action
from greenroom_sandbox import bubblewrap
from hub.conftest import Place

SOURCES = Path(__file__).parents[2] / "labextension"
MODEL = "camera/face_landmarker.task"
LOADED = re.compile(r'(?:src|href)="([^"]+)"[^>]* integrity="sha384-([^"]+)"')


def build(folder: Path, place: Path, *commands: str) -> Path:
    """Runs the build's commands on these sources, as if they lay at `place` and nothing had been built."""
    binds = ["--dev-bind", "/", "/", "--bind", str(SOURCES), str(place)]
    for name in ("lib", "dist"):
        (folder / name).mkdir()
        binds += ["--bind", str(folder / name), str(place / name)]
    place.mkdir(exist_ok=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{place / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    for command in commands:
        inside = [str(bubblewrap.program()), *binds, "--chdir", str(place), *command.split()]
        subprocess.run(inside, env={**os.environ, "PATH": path}, check=True, capture_output=True)
    return folder / "dist" / "lab"


def test_the_pages_and_the_camera_check_built_again_elsewhere_are_the_same(tmp_path: Path) -> None:
    build(tmp_path, tmp_path / "elsewhere", f"node scripts/pages.mjs {tmp_path / 'static'}")
    shutil.copy(STATIC / MODEL, tmp_path / "static" / MODEL)
    again = Bundle.of(tmp_path / "static", LAB)
    assert again.lines() == bundle.current().lines()
    assert again.fingerprint == bundle.current().fingerprint


def test_the_part_in_jupyterlab_built_again_is_the_same(tmp_path: Path) -> None:
    lab = build(tmp_path, SOURCES, "tsc -p tsconfig.build.json", "jupyter-builder build .")
    assert Bundle.of(STATIC, lab).lines() == bundle.current().lines()


def test_a_changed_byte_changes_the_fingerprint_and_the_address(tmp_path: Path) -> None:
    shutil.copytree(STATIC / "pages", tmp_path / "pages")
    before = Bundle.of(tmp_path, LAB)
    with (tmp_path / "pages" / "candidate.js").open("a") as file:
        file.write(" ")
    after = Bundle.of(tmp_path, LAB)
    assert before.fingerprint != after.fingerprint
    assert before.folder != after.folder


def test_anybody_can_count_the_fingerprint_from_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    bundle.main([])
    *lines, total = capsys.readouterr().out.splitlines()
    assert hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest() == total
    assert total == bundle.current().fingerprint
    assert {"camera/worker.js", MODEL, "pages/candidate.js", "lab/package.json"} <= {one.split()[1] for one in lines}


async def test_a_page_names_the_hash_of_every_file_it_loads_and_is_served_that_file_for_good(place: Place) -> None:
    session = await place.session()
    page = (await (await place.candidate(session.id)).ask("GET", f"{PREFIX}s/{session.id}")).body.decode()
    loaded = LOADED.findall(page)
    assert len(loaded) == len(re.findall("<script [^>]*src=|<link rel=.stylesheet", page)) == 2
    for address, named in loaded:
        answer = await place.stranger().ask("GET", address)
        assert base64.b64encode(hashlib.sha384(answer.body).digest()).decode() == named
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert bundle.current().fingerprint in page


async def test_the_room_names_the_hash_of_its_first_file(place: Place) -> None:
    session = await place.session()
    for action in (Action.ARRIVE, Action.OPEN):
        await place.house.sessions.act(session.id, action, "ada")
    page = (await (await place.candidate(session.id)).ask("GET", f"{PREFIX}room/{session.id}/lab")).body.decode()
    ((address, named),) = LOADED.findall(page)
    answer = await place.stranger().ask("GET", address)
    assert base64.b64encode(hashlib.sha384(answer.body).digest()).decode() == named


async def test_another_bundles_address_has_nothing_and_an_address_without_one_is_asked_for_again(place: Place) -> None:
    old = await place.stranger().ask("GET", f"{PREFIX}static/{'0' * bundle.SHOWN}/pages/candidate.js")
    assert old.code == 404
    plain = await place.stranger().ask("GET", f"{PREFIX}static/pages/greenroom.css")
    assert (plain.code, plain.headers["Cache-Control"]) == (200, "no-cache")
