"""The proxy of the hub, without a way to any guest."""

from __future__ import annotations

from jupyterhub.proxy import ConfigurableHTTPProxy
from jupyterhub.user import User


class GuestlessProxy(ConfigurableHTTPProxy):
    """JupyterHub's proxy, which never routes to a candidate's server: no browser talks to it, only the service does."""

    async def add_user(self, user: User, server_name: str = "") -> None:
        """A guest gets no route. The hub's regular check asks again and gets the same answer."""

    async def delete_user(self, user: User, server_name: str = "") -> None:
        """There is no route to take away."""
