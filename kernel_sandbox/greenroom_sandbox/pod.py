"""The same two containers as one pod of Kubernetes, as data: `python -m greenroom_sandbox.pod` prints a List.

Made from what Docker is given, so that no limit is written down twice. No spawner makes such pods yet; what a cluster's
own admission rules ask for (the "restricted" standard) is met.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from greenroom_sandbox import containers
from greenroom_sandbox.containers import Container, Pair
from greenroom_sandbox.policy import GUEST, KERNELS, MIB

SOCKETS = 1  # MiB of a session's sockets, as with Docker: about 20 of them
_SHARED = ("guest", "k", "agent", "door", "etc")  # folders below the session's runtime folder


def objects(pair: Pair) -> dict[str, Any]:
    """The pod, and the rule that no packet enters or leaves it."""
    name = f"greenroom-{pair.house}-{pair.session}"
    about = {"name": name, "labels": {containers.HOUSE: pair.house, "greenroom.session": pair.session}}
    kernels, guest = containers.kernels(pair), containers.guest(pair)
    volumes = [_memory(folder, SOCKETS) for folder in _SHARED]
    volumes += [_memory(f"{role}-{what}", pair.kernels.disk) for role in containers.ROLES for what in ("tmp", "shm")]
    spec = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",  # a container that crashes ends its partner; the service starts both again
        "terminationGracePeriodSeconds": 1,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [_container("kernels", kernels), _container("guest", guest)],
        "volumes": [*volumes, {"name": "work", "persistentVolumeClaim": {"claimName": f"{name}-work"}}],
    }
    if pair.oci_runtime:
        spec["runtimeClassName"] = pair.oci_runtime
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": spec}
    chosen = {"podSelector": {"matchLabels": about["labels"]}, "policyTypes": ["Ingress", "Egress"]}
    closed = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": about, "spec": chosen}
    return {"apiVersion": "v1", "kind": "List", "items": [pod, closed]}


def _container(role: str, one: Container) -> dict[str, Any]:
    host: dict[str, Any] = one.host
    uid = int(one.user.partition(":")[0])
    limits = {"memory": f"{host['Memory'] // MIB}Mi", "cpu": f"{host['CpuQuota'] * 1000 // host['CpuPeriod']}m"}
    mounts = [
        {"name": _volume(mount["Source"]), "mountPath": mount["Target"], "readOnly": mount["ReadOnly"]}
        | ({"subPath": Path(mount["Source"]).name} if Path(mount["Source"]).parent.name == "etc" else {})
        for mount in host["Mounts"]
    ]
    own = [(f"{role}-tmp", "/tmp"), (f"{role}-shm", "/dev/shm")]
    return {
        "name": role,
        "image": one.image,
        "command": one.command,
        "env": [{"name": name, "value": value} for name, value in sorted(one.environment.items())],
        "resources": {"limits": limits, "requests": {"memory": limits["memory"], "cpu": "100m"}},
        "securityContext": {
            "runAsUser": uid,
            "runAsGroup": uid,
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": host["ReadonlyRootfs"],
            "capabilities": {"drop": host["CapDrop"]},
        },
        "volumeMounts": mounts + [{"name": name, "mountPath": path} for name, path in own],
    }


def _volume(source: str) -> str:
    folder = Path(source)
    known = folder.parent.name if folder.parent.name == "etc" else folder.name
    return known if known in _SHARED else "work"


def _memory(name: str, size: int) -> dict[str, Any]:
    return {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": f"{size}Mi"}}


def example() -> Pair:
    """A session's pair with the policy as it is unless settings say otherwise."""
    first = containers.FIRST_UID
    return Pair(
        session="s-example000",
        house="example",
        runtime=Path("/run/greenroom/s-example000"),
        work=Path("/work"),
        guest_uid=first,
        kernel_uid=first + 1,
        service_uid=first + 2,
        image="greenroom:0.1.0",
        oci_runtime="",
        kernels=KERNELS,
        guest=GUEST,
    )


if __name__ == "__main__":
    json.dump(objects(example()), sys.stdout, indent=2)
