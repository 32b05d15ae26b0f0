"""The one distribution, built and installed elsewhere: what each extra brings works, and the data is in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
UV = TOP / ".venv" / "bin" / "uv"
DATA = """
import json, sys
from importlib.resources import files
from pathlib import Path
from greenroom_hub.settings import Greenroom
from greenroom_hub.store.database import Store
from greenroom_hub.store.schema import migrate
static = files("greenroom_hub") / "static"
assert (static / "pages" / "staff.js").is_file() and (static / "camera" / "face_landmarker.task").is_file()
assert json.loads((files("greenroom_proctor") / "rules.json").read_text())
assert list(Path(sys.prefix).glob("share/jupyter/labextensions/@greenroom/lab/static/remoteEntry.*.js"))
store = Store(f"sqlite:///{sys.argv[1]}/greenroom.sqlite")
migrate(store.engine)
store.close()
"""


def ran(*words: str | Path, code: int = 0) -> str:
    """What a program prints."""
    done = subprocess.run(
        [str(word) for word in words], cwd="/", capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    ran(UV, "build", "-q", "--wheel", "-o", folder, TOP)
    (found,) = folder.glob("*.whl")
    return found


def installed(wheel: Path, place: Path, extra: str) -> Path:
    """The programs of a fresh environment with the wheel in it, and what its extra needs in the locked versions."""
    ran(UV, "venv", "-q", place)
    what = f"greenroom{extra} @ file://{wheel}"
    ran(UV, "pip", "install", "-q", "--python", place / "bin" / "python", "-c", TOP / "requirements.lock", what)
    return place / "bin"


def test_without_an_extra_it_verifies_and_says_what_the_rest_needs(wheel: Path, tmp_path: Path) -> None:
    greenroom = installed(wheel, tmp_path / "base", "") / "greenroom"
    assert "check a receipt" in ran(greenroom, "--help")
    assert "receipt" in ran(greenroom, "verify", "--help")
    assert "pip install 'greenroom[hub]'" in ran(greenroom, "openapi", code=1)
    assert "pip install 'greenroom[sandbox]'" in ran(greenroom, "runner", "--port", "1", code=1)


def test_with_the_hub_the_commands_work_and_the_data_is_there(wheel: Path, tmp_path: Path) -> None:
    programs = installed(wheel, tmp_path / "hub", "[hub]")
    assert '"openapi": "3.1.0"' in ran(programs / "greenroom", "openapi")
    assert '"stdout": "boxed\\n"' in ran(programs / "greenroom", "sandbox", "--json", "--", "echo", "boxed")
    ran(programs / "python", "-c", DATA, tmp_path)
