"""JupyterHub and Greenroom. `greenroom serve` reads it; so do the hub and the service it starts.

What an operator sets stands at the top; every other setting is in hub/greenroom_hub/settings.py, and each of them can
be given as GREENROOM_<NAME> in the environment instead.
"""

import os

from greenroom_hub.authenticator import STAFF_GROUP, make
from greenroom_hub.docker_spawner import PairSpawner
from greenroom_hub.hub_pages import TEMPLATES
from greenroom_hub.identity import CLIENT_ID, STAFF_SCOPE
from greenroom_hub.ports import Ports
from greenroom_hub.proxy import GuestlessProxy
from greenroom_hub.secrets import Secrets
from greenroom_hub.settings import PREFIX, Greenroom
from greenroom_hub.spawner import BubblewrapSpawner

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - whoever reads a configuration file provides it

# The house

# c.Greenroom.organisation = "Example Ltd"
# c.Greenroom.public_url = "https://interviews.example.org"   # behind a reverse proxy
# c.Greenroom.tls = "/etc/ssl/room.pem:/etc/ssl/room.key"     # or without one

# Staff sign-in by OpenID Connect; without it, an admin makes one-time links.
# c.Greenroom.oauthenticator = "generic"
# c.GreenroomAuthenticator.client_id = "greenroom"
# c.GreenroomAuthenticator.client_secret = "…"
# c.GreenroomAuthenticator.authorize_url = "https://login.example.org/authorize"
# c.GreenroomAuthenticator.token_url = "https://login.example.org/token"
# c.GreenroomAuthenticator.userdata_url = "https://login.example.org/userinfo"
# c.GreenroomAuthenticator.username_claim = "email"
# c.GreenroomAuthenticator.allowed_users = {"ada@example.org"}
# c.GreenroomAuthenticator.admin_users = {"ada@example.org"}

house = Greenroom(config=c)
secrets = Secrets.of(house.data_folder)
# Chosen by `greenroom serve`, which itself reads this file for the settings above, before it has chosen any.
ports = Ports.from_environment() if "GREENROOM_INTERNAL_HUB_PORT" in os.environ else Ports(0, 0, 0, 0)
service = f"http://127.0.0.1:{ports.service}"

# The hub: on loopback behind a proxy that `greenroom serve` runs. A restart of the hub ends no session.

c.JupyterHub.bind_url = f"http://{house.bind}:{house.port}"
c.JupyterHub.public_url = house.url + "/"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports.hub}"
c.JupyterHub.cookie_secret = bytes.fromhex(secrets.hub_cookie_secret)
c.JupyterHub.db_url = f"sqlite:///{house.data_folder / 'jupyterhub.sqlite'}"
c.JupyterHub.default_url = PREFIX
c.JupyterHub.template_paths = [str(TEMPLATES)]
c.JupyterHub.cleanup_servers = False
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0, "cookie_options": {"samesite": "Lax", "secure": house.secure}}

c.JupyterHub.proxy_class = GuestlessProxy
c.GuestlessProxy.should_start = False
c.GuestlessProxy.api_url = f"http://127.0.0.1:{ports.proxy_api}"
c.GuestlessProxy.auth_token = secrets.proxy_token

c.JupyterHub.spawner_class = {"embedded": BubblewrapSpawner, "docker": PairSpawner}[house.backend]

# Who is who

c.JupyterHub.authenticator_class = make(house.oauthenticator)
c.GreenroomAuthenticator.service_url = service + PREFIX
c.GreenroomAuthenticator.service_token = secrets.service_token
c.GreenroomAuthenticator.oauth_callback_url = house.url + "/hub/oauth_callback"

c.JupyterHub.custom_scopes = {STAFF_SCOPE: {"description": "Member of staff"}}
c.JupyterHub.load_roles = [
    # Nobody has access:servers: no browser talks to a candidate's server.
    {"name": "user", "scopes": ["read:users:name!user", "read:users:groups!user", "access:services!service=greenroom"]},
    {"name": "staff", "scopes": [STAFF_SCOPE], "groups": [STAFF_GROUP]},
    {"name": "greenroom", "scopes": ["admin:users", "admin:servers", "proxy"], "services": ["greenroom"]},
]
c.JupyterHub.services = [
    {
        "name": "greenroom",
        "url": service,
        "api_token": secrets.service_token,
        "oauth_client_id": CLIENT_ID,
        "oauth_redirect_uri": PREFIX + "oauth_callback",
        "oauth_client_allowed_scopes": [STAFF_SCOPE],
        "oauth_no_confirm": True,
        "display": False,
    }
]
