"""A session's two containers through Docker: their folders of sockets, making, looking, removing. Every call blocks."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from greenroom_sandbox import containers, files, launch
from greenroom_sandbox.containers import Container, Pair

# A session's folder of sockets is a file system of its own: no kernel fills anybody else's. It holds about 20 sockets.
_SOCKETS = "size=1m,nr_inodes=512,mode=0711,nosuid,nodev,noexec"


class Pairs:
    """All pairs of one house on one Docker. `house` names them, so that two houses share a machine."""

    def __init__(self, house: str, client: docker.APIClient | None = None) -> None:
        self.house = house
        self.client = client or connect()
        self._claiming = threading.Lock()
        self._refused: dict[str, str] = {}

    @contextlib.contextmanager
    def uids(self) -> Iterator[tuple[int, int]]:
        """Two uids no container of this machine has, for a guest and its kernels; nobody else claims any meanwhile."""
        with self._claiming:
            found = self.client.containers(all=True, filters={"label": containers.UID})
            taken = {int(one["Labels"][containers.UID]) for one in found}
            first = containers.FIRST_UID
            guest, kernel, *_ = (uid for uid in range(first, first + containers.UIDS) if uid not in taken)
            yield guest, kernel

    def create(self, pair: Pair, token: str) -> None:
        """Make both, in place of whatever the session had."""
        self.remove(pair.session, pair.runtime)
        self._refused.pop(pair.session, None)
        furnish(pair, token)
        for one in (containers.kernels(pair), containers.guest(pair)):
            self._create(one)

    def begin(self, session: str) -> None:
        """Start both, beside each other: most of it is Docker's own work, and it does two at once."""
        starting = [threading.Thread(target=self._begin, args=(session, role)) for role in containers.ROLES]
        for thread in starting:
            thread.start()
        for thread in starting:
            thread.join()

    def _begin(self, session: str, role: str) -> None:
        try:
            self.client.start(containers.name(self.house, session, role))
        except APIError as error:  # it is found not to run
            self._refused[session] = str(error.explanation)

    def _create(self, one: Container) -> None:
        self.client.create_container(
            image=one.image,
            command=one.command,
            name=one.name,
            user=one.user,
            environment=one.environment,
            labels=one.labels,
            hostname="room",
            network_disabled=True,
            stop_signal="SIGKILL",  # the first process of a container minds no other
            host_config=one.host,
        )

    def running(self, session: str) -> bool:
        """Whether both run: one without the other is of no use."""
        return all(self._state(session, role).get("Running", False) for role in containers.ROLES)

    def why(self, session: str) -> str:
        """What the containers of one that does not run have said, for the operator."""
        told = [f"Docker: {self._refused[session]}"] if session in self._refused else []
        for role in containers.ROLES:
            state = self._state(session, role)
            with contextlib.suppress(APIError):
                said = self.client.logs(containers.name(self.house, session, role), tail=5).decode(errors="replace")
                told.append(f"{role}: {state.get('Status')}, {state.get('Error') or said.strip() or 'nothing said'}")
        return "; ".join(told)

    def _state(self, session: str, role: str) -> dict[str, Any]:
        try:
            found = self.client.inspect_container(containers.name(self.house, session, role))
        except NotFound:
            return {}
        state: dict[str, Any] = found["State"]
        return state

    def remove(self, session: str, runtime: Path) -> None:
        """End both and remove what was theirs; the work folder stays."""
        for role in containers.ROLES:
            self._remove(containers.name(self.house, session, role))
        clear(runtime)

    def _remove(self, name: str) -> None:
        with contextlib.suppress(NotFound):
            try:
                self.client.remove_container(name, force=True, v=True)
            except APIError as error:
                if error.status_code != 409:  # it is being removed
                    raise

    def sweep(self, runtime: Path) -> None:
        """Remove every container of the house, and the folders of sockets below `runtime`."""
        for one in self.client.containers(all=True, filters={"label": f"{containers.HOUSE}={self.house}"}):
            self._remove(one["Id"])
        for folder in runtime.glob("s-*"):
            clear(folder)


def connect() -> docker.APIClient:
    """The Docker of DOCKER_HOST, or of this machine. DockerException when there is none."""
    return docker.APIClient(version="auto", **docker.utils.kwargs_from_env())


def furnish(pair: Pair, token: str) -> None:
    """Make the folders: a small file system for the sockets, and the work, which its kernels own."""
    pair.runtime.mkdir(mode=0o711, parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", _SOCKETS, "greenroom", pair.runtime], check=True)
    owners = {"guest": pair.guest_uid, "agent": pair.kernel_uid, "k": pair.kernel_uid, "door": 0, "etc": 0}
    for name, uid in owners.items():
        (pair.runtime / name).mkdir(mode=0o755)
        os.chown(pair.runtime / name, uid, uid)
    for name, content in containers.accounts(pair.kernel_uid).items():
        (pair.runtime / "etc" / name).write_bytes(content)
    secret = os.open(pair.runtime / "guest" / "token", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    os.write(secret, token.encode())
    os.fchown(secret, pair.guest_uid, pair.guest_uid)
    os.close(secret)
    pair.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.give(str(pair.work), pair.kernel_uid)


def clear(runtime: Path) -> None:
    """Remove a session's folder of sockets."""
    while runtime.is_mount():
        subprocess.run(["umount", "--lazy", runtime], check=True)
    shutil.rmtree(runtime, ignore_errors=True)


def check(image: str, oci_runtime: str) -> list[str]:
    """What stops this machine from running candidates' code in containers, each with what to do."""
    if os.geteuid() != 0:
        return ["The docker backend needs root, which whoever may use Docker is anyway: each session has two user ids."]
    try:
        client = connect()
        known = client.info()["Runtimes"]
    except DockerException as error:
        return [f"Docker does not answer: {error}. Start it (`systemctl start docker`), or set DOCKER_HOST."]
    if oci_runtime and oci_runtime not in known:
        return [
            f"Docker has no runtime {oci_runtime!r}; it has {', '.join(sorted(known))}. "
            "Add it to /etc/docker/daemon.json, or clear GREENROOM_DOCKER_RUNTIME."
        ]
    try:
        client.inspect_image(image)
    except NotFound:
        return [f"Docker has no image {image!r}. Build it: `.venv/bin/python kernel_sandbox/image/build.py`."]
    return []


def weaker() -> list[str]:
    """What is weaker in containers here than it could be, in sentences for the operator."""
    if launch.landlock_abi() >= launch.SCOPES:
        return []
    return [
        f"This Linux has Landlock {launch.landlock_abi()}, and keeps signals in from {launch.SCOPES} on (Linux 6.12): "
        "a kernel in a container can end another one of the same candidate."
    ]
