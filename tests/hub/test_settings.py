"""The settings: each one documented, and each one open to the environment."""

from __future__ import annotations

import pytest
from greenroom_hub import settings_page
from greenroom_hub.settings import Greenroom

NAMES = sorted(Greenroom.class_traits(config=True))


def test_the_page_of_settings_is_written_from_them() -> None:
    assert settings_page.WHERE.read_text() == settings_page.render(), "run python -m greenroom_hub.settings_page"


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_on_the_page_with_what_it_is(name: str) -> None:
    (line,) = [line for line in settings_page.render().splitlines() if line.startswith(f"| `{name}` |")]
    assert f"`GREENROOM_{name.upper()}`" in line
    assert Greenroom.class_traits()[name].help.rstrip().endswith(".")


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_PORT", "9001")
    monkeypatch.setenv("GREENROOM_DEMO", "true")
    settings = Greenroom(port=9000)
    assert (settings.port, settings.demo) == (9001, True)
