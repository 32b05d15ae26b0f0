"""The bundle: all code of ours that a candidate's browser runs, its fingerprint, and addresses that change with it.

`greenroom bundle` prints it. Two builds of the same sources give the same fingerprint, so anybody can compare what a
page says with what the sources give.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from greenroom_hub.settings import CHECKOUT, PREFIX

STATIC = Path(__file__).parent / "static"
LABS = (
    CHECKOUT / "labextension" / "dist" / "lab",
    Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "@greenroom" / "lab",
)
LAB = next((place for place in LABS if (place / "package.json").is_file()), LABS[0])
SHOWN = 16  # hexadecimal digits in addresses and on pages: 64 bits, more than anybody could make collide by chance


@dataclass(frozen=True)
class Bundle:
    """Files by their names. Equal files have equal fingerprints, whenever and wherever they were built."""

    files: Mapping[str, bytes]  # name → SHA-384

    @staticmethod
    def of(static: Path, lab: Path) -> Bundle:
        """What is built: the pages and the camera check (`static`), and the part in JupyterLab (`lab`)."""
        found: dict[str, bytes] = {}
        for folder, beginning in ((static, ""), (lab, "lab/")):
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                name = beginning + file.relative_to(folder).as_posix()
                found[name] = hashlib.sha384(file.read_bytes()).digest()
        return Bundle(found)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256, hexadecimal, of the lines that `greenroom bundle` prints for the files."""
        return hashlib.sha256("".join(f"{line}\n" for line in self.lines()).encode()).hexdigest()

    def lines(self) -> list[str]:
        """A line for each file: its SHA-384, its name."""
        return [f"{digest.hex()}  {name}" for name, digest in sorted(self.files.items())]

    @property
    def folder(self) -> str:
        """Where the files of this bundle lie, for good: another bundle lies elsewhere."""
        return f"{PREFIX}static/{self.fingerprint[:SHOWN]}/"

    def integrity(self, name: str) -> str:
        """What a page says of a file it loads; a browser refuses any other (Subresource Integrity)."""
        return f"sha384-{base64.b64encode(self.files[name]).decode()}"


@cache
def current() -> Bundle:
    """What this installation serves, as it was when it was first asked for."""
    return Bundle.of(STATIC, LAB)


def main(argv: list[str]) -> int:
    """Print the fingerprint of the code that candidates' browsers run, and the SHA-384 of each file."""
    parser = argparse.ArgumentParser(prog="greenroom bundle", description=main.__doc__)
    parser.add_argument("--static", type=Path, default=STATIC, help="the folder of the pages and the camera check")
    parser.add_argument("--lab", type=Path, default=LAB, help="the folder of the part in JupyterLab")
    words = parser.parse_args(argv)
    bundle = Bundle.of(words.static, words.lab)
    print("\n".join([*bundle.lines(), bundle.fingerprint]))
    return 0
