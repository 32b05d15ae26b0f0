"""Version ranges as npm's semver has them."""

import pytest
from greenroom_sandbox.versions import matches, parse


@pytest.mark.parametrize(
    ("wanted", "yes", "no"),
    [
        ("*", "0.0.0 99.1.2", ""),
        ("x", "3.11.2", ""),
        ("3", "3.0.0 3.99.0", "2.9.9 4.0.0"),
        ("3.11", "3.11.0 3.11.99", "3.10.9 3.12.0"),
        ("3.11.x", "3.11.2", "3.12.0"),
        ("3.11.2", "3.11.2", "3.11.1 3.11.3"),
        ("=3.11.2", "3.11.2", "3.11.3"),
        ("v3", "3.11.2", "4.0.0"),
        ("^3.9", "3.9.0 3.11.2", "3.8.9 4.0.0"),
        ("^0.2.3", "0.2.3 0.2.9", "0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("~3.9", "3.9.5", "3.10.0"),
        ("~3", "3.10.0", "4.0.0"),
        (">=3.9 <4", "3.9.0 3.99.0", "3.8.0 4.0.0"),
        (">= 3.9", "3.9.0 4.0.0", "3.8.0"),
        (">3", "4.0.0", "3.11.2"),
        ("<=3", "3.11.2 2.0.0", "4.0.0"),
        ("<3.11", "3.10.9", "3.11.0"),
        ("3.9 - 3.12", "3.9.0 3.12.7", "3.13.0"),
        ("2 || 3", "2.7.0 3.11.2", "4.0.0"),
        ("3.x.x", "3.11.2", "4.0.0"),
        ("latest", "", "3.11.2"),
        ("3.11.2-rc1", "", "3.11.2"),
        (">=3 nonsense", "", "3.11.2"),
    ],
)
def test_a_range_holds_what_semver_says(wanted: str, yes: str, no: str) -> None:
    assert [version for version in yes.split() if not matches(version, wanted)] == []
    assert [version for version in no.split() if matches(version, wanted)] == []


def test_bash_names_its_version_in_its_own_way() -> None:
    assert parse("5.2.15(1)-release") == (5, 2, 15)
