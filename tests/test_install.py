"""The installer's answers to machines that lack something."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import types
from pathlib import Path
from types import ModuleType

import pytest

TOP = Path(__file__).resolve().parents[1]


@pytest.fixture
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", TOP / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["install"] = module
    spec.loader.exec_module(module)
    return module


def test_no_node_says_what_to_install(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(install.Stop, match="node was not found"):
        install.check_machine()


def test_an_old_node_is_named(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: types.SimpleNamespace(stdout="v18.2.0\n"))
    with pytest.raises(install.Stop, match=r"node 20 or newer is needed; .* is v18.2.0"):
        install.check_machine()


def test_a_full_disk_is_told_before_anything_is_installed(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(install, "PYTHON", tmp_path / "none")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: types.SimpleNamespace(free=2**30))
    with pytest.raises(install.Stop, match=r"1.0 GB are free .* Make room"):
        install.check_machine()


def test_a_step_is_done_again_only_when_its_inputs_change(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(install, "VENV", tmp_path)
    monkeypatch.setattr(install, "TOP", tmp_path)
    given, made, runs = tmp_path / "in", tmp_path / "out", []
    given.write_text("one")

    def do() -> None:
        runs.append(given.read_text())
        made.touch()

    step = install.Step("thing", (given,), (made,), do)
    step.run()
    step.run()
    given.write_text("two")
    step.run()
    assert runs == ["one", "two"]
    made.unlink()
    step.run()
    assert runs == ["one", "two", "two"], "what was made is gone"


def test_a_spoilt_face_model_is_fetched_again(install: ModuleType) -> None:
    (model,) = [step for step in install.RUN_STEPS if step.name == "face model"]
    assert model.inputs == model.made == (install.MODEL,)
    assert model.done()


def test_every_source_of_the_browser_code_decides_whether_it_is_built_again(install: ModuleType) -> None:
    (build,) = [step for step in install.RUN_STEPS if step.name == "browser code"]
    given = {path.relative_to(install.LAB).parts[0] for path in build.inputs if path.is_relative_to(install.LAB)}
    tracked = subprocess.run(["git", "ls-files"], cwd=install.LAB, capture_output=True, text=True, check=True).stdout
    kept = {line.split("/")[0] for line in tracked.split()} - {
        "test",
        "eslint.config.mjs",
        ".prettierrc",
        ".yarnrc.yml",
    }
    assert {name for name in kept if not name.startswith(".")} <= given


def test_a_failed_program_shows_the_end_of_what_it_said(install: ModuleType) -> None:
    with pytest.raises(install.Stop, match=r"(?s)exit code 3.*the reason.*ask the admin"):
        install.call("sh", "-c", "echo the reason; exit 3", hint="ask the admin")
