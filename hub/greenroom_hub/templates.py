"""Templates: a notebook, data files and what a session made from it starts with. Every content has its own version."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from greenroom_proctor.messages import Milliseconds
from greenroom_sandbox.languages import BY_KERNEL
from msgspec import Meta, Struct
from sqlalchemy import Connection

from greenroom_hub import tasks
from greenroom_hub.grading.checks import Checks, HiddenFile
from greenroom_hub.moment import Now
from greenroom_hub.notebook import checked
from greenroom_hub.policy import Policy
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store
from greenroom_hub.tasks import Task

NAME = "^[a-z0-9][a-z0-9_-]{0,79}$"
# The most a template's files weigh together: they are put into every work folder and kept in every record.
FILES_LIMIT = 20 * 1024 * 1024


class Criterion(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a scorecard. `levels` are anchors, the weakest first."""

    criterion: Annotated[str, Meta(min_length=1, max_length=100)]
    levels: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(min_length=2, max_length=6)]


class Sidecar(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands beside a notebook: interview.ipynb has its interview.json. All of it is optional."""

    title: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    description: Annotated[str, Meta(max_length=2000)] = ""
    duration: Annotated[float, Meta(gt=0, le=86_400)] = 3600.0  # seconds
    environment: Annotated[str, Meta(pattern="^[a-z0-9-]{1,40}$")] = "default"
    files: tuple[str, ...] = ()  # paths beside the notebook
    policy: Policy = Policy()
    # For staff only, never in the notebook, never sent to a candidate:
    checks: Checks = Checks()
    rubric: Annotated[tuple[Criterion, ...], Meta(max_length=12)] = ()
    solution: HiddenFile | None = None  # the reference solution: the notebook's cells, each after a line "# %% CELL-ID"
    brief: HiddenFile | None = None  # what to look for, in Markdown
    tasks: Annotated[tuple[HiddenFile, ...], Meta(max_length=12)] = ()  # notebooks that an interviewer may push

    @property
    def hidden(self) -> frozenset[str]:
        """Files beside the notebook that are not given out."""
        alone = {one for one in (self.solution, self.brief) if one}
        return self.checks.files | alone | set(self.tasks)


class Content(Struct, frozen=True):
    """All of one version; its canonical JSON is what the version's id is the hash of."""

    notebook: dict[str, Any]
    files: dict[str, bytes]
    settings: Sidecar
    hidden: dict[str, bytes] = {}  # references, holdouts, the solution


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One content of one template, for good."""

    id: str
    template: str
    title: str
    notebook: dict[str, Any]
    files: Mapping[str, bytes]
    settings: Sidecar
    author: str
    created: Milliseconds
    hidden: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def environment(self) -> str:
        """The name of the kernels' Python environment."""
        return self.settings.environment

    @property
    def tasks(self) -> list[Task]:
        """What an interviewer may push into the notebook."""
        return tasks.read(self.settings.tasks, self.hidden)

    def text(self, file: str | None) -> str | None:
        """A hidden file as text; None where the template names none."""
        return None if file is None else self.hidden[file].decode(errors="replace")


class Templates:
    """The templates of the house. The version chosen last is the one new sessions are made from."""

    def __init__(self, store: Store, now: Now) -> None:
        self._store = store
        self._now = now
        self._known: dict[str, TemplateVersion] = {}

    async def put(
        self,
        name: str,
        notebook: object,
        files: Mapping[str, bytes],
        settings: Sidecar,
        author: str,
        hidden: Mapping[str, bytes] = MappingProxyType({}),
    ) -> TemplateVersion:
        """A version with this content, now the template's current one. ValueError says what is wrong with it."""
        if not re.fullmatch(NAME, name):
            raise ValueError(f"the template name {name!r} is refused: use a-z, 0-9, '-' and '_', at most 80 characters")
        clean = checked(notebook)
        _offered(clean, settings.policy)
        content = Content(clean, _checked_files(files), settings, _hidden(settings, files, hidden))
        if why := tasks.fault(clean, tasks.read(settings.tasks, content.hidden)):
            raise ValueError(why)
        text = msgspec.json.encode(content, order="sorted").decode()
        id = hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()
        at = self._now()
        title = settings.title or name.replace("_", " ").replace("-", " ").capitalize()
        values = {"template": name, "title": title, "content": text, "author": author, "created": at, "chosen": at}

        def work(connection: Connection) -> None:
            newest = sa.select(sa.func.max(tables.template_version.c.chosen))
            chosen = max(at, 1 + (connection.execute(newest).scalar() or 0))
            change = tables.template_version.update().where(tables.template_version.c.id == id).values(chosen=chosen)
            if connection.execute(change).rowcount == 0:
                connection.execute(tables.template_version.insert().values(id=id, **{**values, "chosen": chosen}))

        await self._store.run(work)
        return await self.version(id)

    async def version(self, id: str) -> TemplateVersion:
        """One version. LookupError when there is none."""
        if id not in self._known:
            query = sa.select(tables.template_version).where(tables.template_version.c.id == id)
            row = await self._store.run(lambda connection: connection.execute(query).one_or_none())
            if row is None:
                raise LookupError(f"there is no template version {id}")
            self._known[id] = _version(row)
        return self._known[id]

    async def current(self, name: str) -> TemplateVersion:
        """The version of a template that was chosen last. LookupError when there is none."""
        table = tables.template_version
        query = sa.select(table.c.id).where(table.c.template == name).order_by(table.c.chosen.desc()).limit(1)
        id = await self._store.run(lambda connection: connection.execute(query).scalar())
        if id is None:
            raise LookupError(f"there is no template called {name!r}")
        return await self.version(id)

    async def read_folder(self, folder: Path) -> list[TemplateVersion]:
        """Takes in every notebook of a folder whose content is new. ValueError names the file that is wrong."""
        return [
            await self.put(name, content.notebook, content.files, content.settings, "greenroom", content.hidden)
            for name, content in await asyncio.to_thread(_read_folder, folder)
        ]

    async def list(self) -> list[TemplateVersion]:
        """The current version of every template, by name."""
        query = sa.select(tables.template_version.c.template).distinct()
        names = await self._store.run(lambda connection: list(connection.execute(query).scalars()))
        return [await self.current(name) for name in sorted(names)]


def _read_folder(folder: Path) -> list[tuple[str, Content]]:
    found = []
    for file in sorted(folder.glob("*.ipynb")):
        try:
            found.append((file.stem.lower(), _read(file)))
        except (ValueError, OSError) as error:
            raise ValueError(f"{file}: {error}") from error
    return found


def _read(file: Path) -> Content:
    beside = file.with_suffix(".json")
    settings = msgspec.json.decode(beside.read_bytes(), type=Sidecar) if beside.exists() else Sidecar()
    files = {name: (file.parent / _safe(name)).read_bytes() for name in settings.files}
    hidden = {name: (file.parent / _safe(name)).read_bytes() for name in settings.hidden}
    return Content(checked(msgspec.json.decode(file.read_bytes())), files, settings, hidden)


def _safe(name: str) -> str:
    path = PurePosixPath(name)
    odd = not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name or str(path) != name
    if odd or any(part.startswith(".") or len(part) > 100 for part in path.parts) or not name.isprintable():
        raise ValueError(f"the file name {name!r} is refused: give a plain relative path such as data/orders.csv")
    return name


def _checked_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    size = sum(len(data) for data in files.values())
    if size > FILES_LIMIT:
        raise ValueError(f"the files are {size:,} bytes together; {FILES_LIMIT:,} is the most a template takes")
    return {_safe(name): data for name, data in files.items()}


def _offered(notebook: Mapping[str, Any], policy: Policy) -> None:
    """A notebook of programs needs its language in the policy, or no cell of it could run."""
    spec = notebook.get("metadata", {}).get("kernelspec")
    known = BY_KERNEL.get(spec.get("name", "")) if isinstance(spec, dict) else None
    if known is not None and known.language not in policy.languages:
        raise ValueError(
            f"the notebook's kernel {known.kernel} runs {known.language}, which the policy does not offer: "
            f"it has {', '.join(policy.languages) or 'no language'}. Add it to policy.languages."
        )


def _hidden(settings: Sidecar, files: Mapping[str, bytes], hidden: Mapping[str, bytes]) -> dict[str, bytes]:
    """What is for staff alone, all of it there and none of it given out."""
    needed = settings.hidden
    if missing := sorted(needed - hidden.keys()):
        raise ValueError(f"the template needs the hidden file {missing[0]!r}, which is not there")
    if given := sorted(needed & files.keys()):
        raise ValueError(f"the hidden file {given[0]!r} is among the files that candidates get; take it out of files")
    return {name: hidden[name] for name in sorted(needed)}


def _version(row: sa.Row[Any]) -> TemplateVersion:
    content = msgspec.json.decode(row.content, type=Content)
    return TemplateVersion(
        row.id,
        row.template,
        row.title,
        content.notebook,
        content.files,
        content.settings,
        row.author,
        row.created,
        content.hidden,
    )
