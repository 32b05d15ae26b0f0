"""The proxy of the hub, without a way to any guest."""

from __future__ import annotations

from collections.abc import Mapping

from jupyterhub.proxy import ConfigurableHTTPProxy
from jupyterhub.user import User


class GuestlessProxy(ConfigurableHTTPProxy):
    """JupyterHub's proxy, which never routes to a candidate's server: no browser talks to it, only the service does."""

    async def add_user(self, user: User, server_name: str = "") -> None:
        """A guest gets no route. The hub's regular check asks again and gets the same answer."""

    async def check_routes(
        self,
        user_dict: Mapping[str, User],  # noqa: ARG002 - the hub's signature
        service_dict: Mapping[str, object],
        routes: Mapping[str, object] | None = None,
    ) -> None:
        """Check the routes of hub and services. Guests are left out, or the hub would miss their routes every time."""
        await super().check_routes({}, service_dict, routes)

    async def delete_user(self, user: User, server_name: str = "") -> None:
        """There is no route to take away."""
