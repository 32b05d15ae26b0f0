"""Wrapper kernels: one per language of the runner, for notebooks whose cells are programs. Data only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("kernelspecs")
PYTHON = "python3"  # the sandbox's own kernel


@dataclass(frozen=True, slots=True)
class Language:
    """A kernelspec: `kernel` is its name, `language` the runner's, `mime` how cells are highlighted."""

    kernel: str
    language: str
    title: str
    mime: str
    extension: str
    colour: str
    mark: str

    @property
    def spec(self) -> dict[str, object]:
        """kernel.json. What starts it is the agent's affair; `language` is what an editor wants to know."""
        return {
            "argv": ["agent"],
            "display_name": self.title,
            "language": self.language,
            "interrupt_mode": "signal",
            "metadata": {"debugger": False, "kernel_provisioner": {"provisioner_name": "greenroom-agent"}},
        }

    @property
    def icon(self) -> str:
        """logo-svg.svg."""
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" role="img">'
            f"<title>{self.title}</title>"
            f'<rect width="32" height="32" rx="6" fill="{self.colour}"/>'
            '<text x="16" y="21" font-family="sans-serif" font-size="13" font-weight="700" fill="#fff" '
            f'text-anchor="middle">{self.mark}</text></svg>\n'
        )


LANGUAGES = (
    Language("greenroom-bash", "bash", "Bash", "text/x-sh", ".sh", "#3b4a3f", "$_"),
    Language("greenroom-c", "c", "C", "text/x-csrc", ".c", "#3a5f9e", "C"),
    Language("greenroom-cpp", "c++", "C++", "text/x-c++src", ".cpp", "#1f4e85", "C++"),
    Language("greenroom-java", "java", "Java", "text/x-java", ".java", "#a4480f", "Jv"),
    Language("greenroom-javascript", "javascript", "JavaScript", "text/javascript", ".js", "#6b5900", "JS"),
    Language("greenroom-python", "python", "Python program", "text/x-python", ".py", "#2f6192", "Py"),
    Language("greenroom-r", "r", "R", "text/x-rsrc", ".R", "#2a5fa8", "R"),
    Language("greenroom-sqlite3", "sqlite3", "SQL (SQLite)", "text/x-sql", ".sql", "#0f5c73", "SQL"),
)
BY_KERNEL = {one.kernel: one for one in LANGUAGES}


def write(folder: Path = FOLDER) -> None:
    """Write the kernelspecs' files from this table: `python -m greenroom_sandbox.languages`."""
    for one in LANGUAGES:
        place = folder / one.kernel
        place.mkdir(exist_ok=True)
        (place / "kernel.json").write_text(json.dumps(one.spec, indent=2) + "\n")
        (place / "logo-svg.svg").write_text(one.icon)


if __name__ == "__main__":
    write()
