"""The image: the same packages make the same one, nothing in it tells of this machine, and little in it is of no use."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest
from sandbox.hosting import TOP

BUILD = TOP / "kernel_sandbox" / "image" / "build.py"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("image_build", BUILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["image_build"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def layers(docker: str, build: ModuleType, tmp_path: Path) -> dict[str, Path]:
    """What lies in the cache, once the image was built, and our own layer."""
    ours = tmp_path / "ours.tar"
    build.layer([*build.contents(build.own_files()), *build.descriptions()], ours, build.LINKS)
    return {"packages": build.packages(build.CACHE), "debian": build.base(build.CACHE), "ours": ours}


def test_packages_packed_again_give_the_same_bytes(layers: dict[str, Path], build: ModuleType, tmp_path: Path) -> None:
    again = tmp_path / "again.tar"
    build.layer(build.contents(build.package_files()), again)
    assert build.digest(again) == build.digest(layers["packages"])


def test_our_layer_made_again_gives_the_same_image(
    layers: dict[str, Path], build: ModuleType, docker: str, tmp_path: Path
) -> None:
    files = [layers["debian"], layers["packages"], layers["ours"]]
    assert build.Image.of(build.TAG, files).id == docker
    known = subprocess.run(
        ["docker", "image", "inspect", "-f", "{{.Id}}", build.TAG], capture_output=True, text=True, check=True
    )
    assert known.stdout.strip() == docker


def test_no_file_tells_of_this_machine(layers: dict[str, Path], build: ModuleType) -> None:
    here = str(TOP).encode()
    for name in ("packages", "ours"):
        with tarfile.open(layers[name]) as archive:
            for entry in archive:
                assert (entry.uid, entry.gid, entry.mtime, entry.uname) == (0, 0, build.EPOCH, ""), entry.name
                if entry.name.endswith((".py", ".pyc", ".cfg", ".json")):
                    content = archive.extractfile(entry)
                    assert content is None or here not in content.read(), entry.name


def test_nothing_in_debian_gains_privileges(layers: dict[str, Path]) -> None:
    with tarfile.open(layers["debian"]) as archive:
        assert [entry.name for entry in archive if entry.isfile() and entry.mode & 0o6000] == []


def test_every_import_of_ours_is_compiled_for_good(layers: dict[str, Path]) -> None:
    """The root is read-only: what is not compiled is compiled anew at every start."""
    with tarfile.open(layers["ours"]) as archive:
        names = set(archive.getnames())
    sources = [name for name in names if name.endswith(".py")]
    assert sources
    for name in sources:
        folder, file = name.rsplit("/", 1)
        assert f"{folder}/__pycache__/{file.removesuffix('.py')}.cpython-311.pyc" in names


def test_it_is_small(layers: dict[str, Path]) -> None:
    """scipy, numpy, pandas and matplotlib alone take 300 MB."""
    assert sum(file.stat().st_size for file in layers.values()) < 700 * 10**6
