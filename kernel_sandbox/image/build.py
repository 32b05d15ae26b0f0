#!/usr/bin/env python3
"""Builds the image of a session's containers without a registry: Debian by mmdebstrap, our installed packages on top.

`build.py [--output FILE]` loads it into Docker, or writes an archive for `docker load`. The same packages give the same
digest: times are SOURCE_DATE_EPOCH, names are sorted, nothing tells who built it or where. Run it with the checkout's
own Python, which must be Debian 12's 3.11 as the packages are compiled for one version. Three layers, so that a change
of ours is a small one: Debian, packages, Greenroom.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.metadata
import importlib.util
import io
import itertools
import json
import marshal
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath, PurePosixPath
from types import CodeType
from typing import IO

from greenroom_sandbox import kernels
from packaging.requirements import Requirement

TOP = Path(__file__).resolve().parents[2]
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1764288000"))  # a day in November 2025; any fixed one would do
DEBIAN, VERSION = "bookworm", (3, 11)
RELEASE = importlib.metadata.version("greenroom")
PLACE = "opt/greenroom"
SERVER = ("jupyter-server", "jupyter-client", "msgspec", "tornado")
INSIDE_SERVER = f"{PLACE}/server/lib/python3.11/site-packages"
INSIDE_KERNELS = f"{PLACE}/environments/default/lib/python3.11/site-packages"
PROVISIONER = "[jupyter_client.kernel_provisioners]\ngreenroom-agent = greenroom_sandbox.provisioner:AgentProvisioner\n"
_TOLD_BY_INSTALLERS = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

# Debian, as small as Python allows: nothing that gains privileges, nothing that tells when it was made.
BASE = (
    "--variant=essential",
    "--include=python3,libstdc++6,procps",
    *(
        f"--dpkgopt=path-exclude=/usr/share/{name}/*"
        for name in ("doc", "man", "info", "locale", "lintian", "bash-completion", "bug", "zoneinfo/right")
    ),
    '--customize-hook=find "$1" -xdev -type f -perm /6000 -exec chmod ug-s {} +',
    '--customize-hook=rm -rf "$1"/var/log/* "$1"/var/cache/* "$1"/var/lib/apt/* "$1"/etc/machine-id',
    # What Debian's own Python imports is compiled for good: the root is read-only when it runs.
    '--customize-hook=chroot "$1" python3 -m compileall -q -f -x "lib2to3|test" --invalidation-mode unchecked-hash '
    "/usr/lib/python3.11",
    f'--customize-hook=mkdir -p "$1"/{PLACE} "$1"/home/candidate && chmod 755 "$1"/home/candidate',
)


def base(cache: Path) -> Path:
    """Debian as a tar, made once for these words and kept in `cache`."""
    words = ["mmdebstrap", "--format=tar", *BASE, DEBIAN]
    file = cache / f"base-{hashlib.sha256(repr(words).encode()).hexdigest()[:12]}.tar"
    if not file.exists():
        if shutil.which("mmdebstrap") is None:
            raise SystemExit("mmdebstrap was not found. Install it: apt install mmdebstrap. Or use the Dockerfile.")
        draft = file.with_suffix(".new")
        subprocess.run([*words, draft], check=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)})
        draft.rename(file)
    return file


def distributions(roots: tuple[str, ...]) -> dict[str, importlib.metadata.Distribution]:
    """The installed distributions that these need, themselves among them."""
    found: dict[str, importlib.metadata.Distribution] = {}
    todo = [Requirement(name) for name in roots]
    while todo:
        wanted = todo.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in found:
            continue
        found[name] = importlib.metadata.distribution(name)
        needs = [Requirement(line) for line in found[name].requires or ()]
        todo += [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def package_files() -> Iterator[tuple[str, Path]]:
    """What guest, agent and kernels import that is not ours: (path in the image, file)."""
    for one in distributions(SERVER).values():
        for file in one.files or ():
            if not file.parts[0].startswith("..") and wanted(file):
                yield f"{INSIDE_SERVER}/{file}", Path(str(file.locate()))
    packages = Path(sys.prefix) / "environments" / "default" / "lib" / "python3.11" / "site-packages"
    for found in packages.rglob("*"):
        if found.is_file() and wanted(found.relative_to(packages)):
            yield f"{INSIDE_KERNELS}/{found.relative_to(packages)}", found


def own_files() -> Iterator[tuple[str, Path]]:
    """Our own package, and what of it lies beside a kernel."""
    package = TOP / "kernel_sandbox"
    for found in (package / "greenroom_sandbox").rglob("*"):
        if found.is_file() and wanted(found.relative_to(package)):
            yield f"{INSIDE_SERVER}/{found.relative_to(package)}", found
    for name in (*kernels.FILES, "launch.py"):
        yield f"{PLACE}/kernel/{name}", package / "greenroom_sandbox" / name


def wanted(file: PurePath) -> bool:
    """Whether a file is of use in the image. jedi completes from its stubs; nobody else reads any."""
    if {"__pycache__", "tests", "include"} & set(file.parts[:-1]) or file.name in _TOLD_BY_INSTALLERS:
        return False
    return file.suffix not in {".pyc", ".pxd", ".a", ".c", ".h"} and (file.suffix != ".pyi" or file.parts[0] == "jedi")


def compiled(source: bytes, name: str, file: Path) -> bytes | None:
    """A .pyc that holds whatever the times of files say. From the one beside the source where there is one: quicker."""
    beside = Path(importlib.util.cache_from_source(str(file)))
    try:
        code = (
            marshal.loads(beside.read_bytes()[16:])  # noqa: S302 - what was installed
            if beside.exists() and beside.stat().st_mtime >= file.stat().st_mtime
            else compile(source, name, "exec", dont_inherit=True)
        )
    except (SyntaxError, ValueError, EOFError):  # templates for other programs
        return None
    flags = (1).to_bytes(4, "little")  # found by hash, never checked
    # Version 2 writes no back references, which depend on what else the interpreter holds.
    return (
        importlib.util.MAGIC_NUMBER + flags + importlib.util.source_hash(source) + marshal.dumps(_placed(code, name), 2)
    )


def _placed(code: CodeType, name: str) -> CodeType:
    constants = tuple(_placed(one, name) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_filename=name, co_consts=constants)


def contents(files: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, bytes, int]]:
    """What they are in the image: (path, content, mode), unsorted; the compiled beside the source."""
    for path, file in files:
        content = file.read_bytes()
        yield path, content, 0o755 if file.suffix == ".so" or os.access(file, os.X_OK) else 0o644
        if file.suffix == ".py" and (code := compiled(content, f"/{path}", file)) is not None:
            yield importlib.util.cache_from_source(path), code, 0o644


def descriptions() -> Iterator[tuple[str, bytes, int]]:
    """What makes folders virtual environments, and our package an installed one."""
    for inside in (INSIDE_SERVER, INSIDE_KERNELS):
        home = inside.removesuffix("/lib/python3.11/site-packages")
        yield f"{home}/pyvenv.cfg", b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11\n", 0o644
    name = f"{INSIDE_SERVER}/greenroom-{RELEASE}.dist-info"
    yield f"{name}/METADATA", f"Metadata-Version: 2.1\nName: greenroom\nVersion: {RELEASE}\n".encode(), 0o644
    yield f"{name}/entry_points.txt", PROVISIONER.encode(), 0o644


LINKS = {
    f"{PLACE}/server/bin/python": "/usr/bin/python3",
    f"{PLACE}/environments/default/bin/python": "/usr/bin/python3",
    f"{PLACE}/jupyter/kernels": f"/{INSIDE_SERVER}/greenroom_sandbox/kernelspecs",
}


def packages(cache: Path) -> Path:
    """The packages' layer, made once for what the lock files name and kept in `cache`."""
    inputs = (TOP / "requirements.lock", TOP / "kernel_sandbox" / "environments" / "default.lock", Path(__file__))
    name = hashlib.sha256(b"".join(digest(file).encode() for file in inputs)).hexdigest()[:12]
    file = cache / f"packages-{name}.tar"
    if not file.exists():
        draft = file.with_suffix(".new")
        layer(contents(package_files()), draft)
        draft.rename(file)
    return file


def layer(files: Iterable[tuple[str, bytes, int]], file: Path, links: Mapping[str, str] = {}) -> None:
    """Write files as a layer, sorted, each with its folders."""
    entries: dict[str, tarfile.TarInfo] = {}
    offsets: dict[str, int] = {}
    with tempfile.TemporaryFile() as store:
        for path, content, mode in files:
            offsets[path] = store.tell()
            store.write(content)
            entries[path] = _entry(path, tarfile.REGTYPE, mode, len(content))
        for path, target in links.items():
            entries[path] = _entry(path, tarfile.SYMTYPE, 0o777)
            entries[path].linkname = target
        for path in list(entries):
            for parent in list(PurePosixPath(path).parents)[:-1]:
                entries.setdefault(str(parent), _entry(str(parent), tarfile.DIRTYPE, 0o755))
        with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as made:
            for path in sorted(entries):
                store.seek(offsets.get(path, 0))
                made.addfile(entries[path], io.BytesIO(store.read(entries[path].size)))


def _entry(path: str, kind: bytes, mode: int, size: int = 0) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.type, entry.mode, entry.size, entry.mtime = kind, mode, size, EPOCH
    return entry


def digest(file: Path) -> str:
    """Its SHA-256 in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@dataclass(frozen=True)
class Image:
    """Layers under a name. Its id is the digest of what Docker calls its configuration."""

    tag: str
    layers: dict[str, Path]  # by their digests

    @classmethod
    def of(cls, tag: str, files: Sequence[Path]) -> Image:
        """Of these layers; what lies in the cache is read once."""
        found = {}
        for file in files:
            known = file.with_suffix(".sha256")
            if not known.exists():
                known.write_text(digest(file))
            found[known.read_text()] = file
        return cls(tag, found)

    @property
    def configuration(self) -> bytes:
        """What Docker keeps beside the layers."""
        config = {
            "architecture": _ARCHITECTURES[platform.machine()],
            "os": "linux",
            "created": datetime.fromtimestamp(EPOCH, UTC).isoformat().replace("+00:00", "Z"),
            "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"], "WorkingDir": "/"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{one}" for one in self.layers]},
            "history": [
                {"created_by": f"kernel_sandbox/image/build.py: {name}"} for name in ("Debian", "packages", "ours")
            ],
        }
        return json.dumps(config, sort_keys=True).encode()

    @property
    def id(self) -> str:
        """Its id, as Docker shows it."""
        return f"sha256:{hashlib.sha256(self.configuration).hexdigest()}"

    def write(self, output: IO[bytes]) -> None:
        """Write an archive for `docker load`."""
        name = f"{self.id.removeprefix('sha256:')}.json"
        layers = [f"{one}.tar" for one in self.layers]
        manifest = json.dumps([{"Config": name, "RepoTags": [self.tag], "Layers": layers}]).encode()
        with tarfile.open(fileobj=output, mode="w|", format=tarfile.GNU_FORMAT) as made:
            for path, data in ((name, self.configuration), ("manifest.json", manifest)):
                made.addfile(_entry(path, tarfile.REGTYPE, 0o644, len(data)), io.BytesIO(data))
            for path, file in zip(layers, self.layers.values(), strict=True):
                with file.open("rb") as content:
                    made.addfile(_entry(path, tarfile.REGTYPE, 0o644, file.stat().st_size), content)

    def load(self) -> None:
        """Load it into Docker, unless it is there."""
        asked = ("docker", "image", "inspect", "--format", "{{.Id}}", self.tag)
        there = subprocess.run(asked, capture_output=True, text=True, check=False)
        if there.stdout.strip() == self.id:
            return
        loading = subprocess.Popen(["docker", "load", "-q"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert loading.stdin is not None
        with loading.stdin as output:
            self.write(output)
        if loading.wait():
            raise SystemExit("docker load failed")


@contextlib.contextmanager
def image(tag: str, cache: Path) -> Iterator[Image]:
    """The image; its last layer is there while the block runs."""
    cache.mkdir(parents=True, exist_ok=True)
    if sys.version_info[:2] != VERSION:
        raise SystemExit(f"Python {platform.python_version()} was refused: Debian 12's packages want 3.11.")
    with tempfile.TemporaryDirectory(dir=cache) as place:
        ours = Path(place) / "layer.tar"
        layer(itertools.chain(contents(own_files()), descriptions()), ours, LINKS)
        yield Image.of(tag, [base(cache), packages(cache), ours])


def again(cache: Path) -> int:
    """Debian's layer made a second time: 0 when it has the same bytes. It does until Debian changes a package."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as place:
        first, second = digest(base(cache)), digest(base(Path(place)))
    print(f"Debian's layer, made twice: {first} and {second}: {'the same' if first == second else 'not the same'}")
    return int(first != second)


CACHE, TAG = Path(sys.prefix) / "image", f"greenroom:{RELEASE}"


def main() -> int:
    """Build it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, help="write an archive for `docker load` instead of loading it")
    parser.add_argument("--tag", default=TAG)
    parser.add_argument("--cache", type=Path, default=CACHE, help="the folder for layers that stay the same")
    parser.add_argument("--again", action="store_true", help="make Debian's layer a second time and compare the two")
    words = parser.parse_args()
    if words.again:
        return again(words.cache)
    with image(words.tag, words.cache) as built:
        if words.output:
            with words.output.open("wb") as output:
                built.write(output)
        else:
            built.load()
        print(built.id)
    return 0


if __name__ == "__main__":
    sys.exit(main())
