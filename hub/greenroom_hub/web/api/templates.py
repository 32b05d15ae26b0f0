"""REST: templates."""

from __future__ import annotations

from typing import Any, ClassVar

from greenroom_hub.templates import Sidecar, TemplateVersion
from greenroom_hub.web.access import Access
from greenroom_hub.web.api.shapes import NewTemplate, TemplateContent, TemplateView
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import API


class TemplatesHandler(Handler):
    """All templates."""

    access: ClassVar = {"GET": Access.STAFF, "POST": Access.STAFF}
    operations: ClassVar = {
        "GET": Operation("The current version of every template", list[TemplateView]),
        "POST": Operation(
            "Make a template, or a new version of one, from a notebook and data files", TemplateView, NewTemplate, 201
        ),
    }

    async def get(self) -> None:
        """The list."""
        self.answer([view(version) for version in await self.house.templates.list()])

    async def post(self) -> None:
        """A new version."""
        new = self.body(NewTemplate)
        settings = Sidecar(
            title=new.title,
            description=new.description,
            duration=new.duration,
            environment=new.environment,
            files=tuple(new.files),
            policy=new.policy,
            checks=new.checks,
            rubric=new.rubric,
            solution=new.solution,
            brief=new.brief,
            tasks=new.tasks,
        )
        try:
            version = await self.house.templates.put(
                new.name, new.notebook, new.files, settings, self.who.name, new.hidden
            )
        except ValueError as error:
            raise Denied(400, "The template was not taken", str(error), "Mend it and send it again.") from error
        self.answer(view(version), 201)


class TemplateHandler(Handler):
    """One template."""

    access: ClassVar = {"GET": Access.STAFF}
    operations: ClassVar = {"GET": Operation("The current version of a template, with its notebook", TemplateContent)}

    async def get(self, name: str) -> None:
        """The current version."""
        version = await self.house.templates.current(name)
        settings = version.settings
        alone: dict[str, Any] = {
            "rubric": settings.rubric,
            "solution": version.text(settings.solution),
            "brief": version.text(settings.brief),
            "tasks": tuple(task.title for task in version.tasks),
        }
        self.answer(TemplateContent(**_fields(version), notebook=version.notebook, **alone))


def view(version: TemplateVersion) -> TemplateView:
    """What staff read in a list."""
    return TemplateView(**_fields(version))


def _fields(version: TemplateVersion) -> dict[str, Any]:
    settings = version.settings
    return {
        "name": version.template,
        "version": version.id,
        "title": version.title,
        "description": settings.description,
        "duration": settings.duration,
        "environment": settings.environment,
        "policy": settings.policy,
        "files": sorted(version.files),
        "author": version.author,
        "created": version.created,
    }


routes = [
    (f"{API}/templates", TemplatesHandler),
    (f"{API}/templates/(?P<name>[a-z0-9][a-z0-9_-]{{0,79}})", TemplateHandler),
]
