"""The pod of Kubernetes, held to the policy that boxes and Docker's containers are made from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from greenroom_sandbox import containers, pod
from greenroom_sandbox.policy import GUEST, KERNELS, Policy


def made(**changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    listed = pod.objects(replace(pod.example(), **changes))["items"]
    return listed[0], listed[1]


def container(of: dict[str, Any], role: str) -> dict[str, Any]:
    return next(one for one in of["spec"]["containers"] if one["name"] == role)


@pytest.mark.parametrize("policy", [KERNELS, replace(KERNELS, memory=300, cores=0.5)], ids=["usual", "small"])
def test_every_limit_is_the_policy_s(policy: Policy) -> None:
    of, _ = made(kernels=policy)
    kernels, guest = container(of, "kernels"), container(of, "guest")
    more = containers.AGENT_MEMORY
    assert kernels["resources"]["limits"] == {
        "memory": f"{policy.memory + more}Mi",
        "cpu": f"{int(1000 * (policy.cores or 1))}m",
    }
    assert guest["resources"]["limits"] == {"memory": f"{GUEST.memory}Mi", "cpu": "1000m"}
    sizes = {one["name"]: one["emptyDir"]["sizeLimit"] for one in of["spec"]["volumes"] if "emptyDir" in one}
    assert (sizes["kernels-tmp"], sizes["k"]) == (f"{policy.disk}Mi", "1Mi")


def test_nobody_in_it_is_root_or_can_become_it() -> None:
    of, _ = made()
    contexts = [one["securityContext"] for one in of["spec"]["containers"]]
    assert len({one["runAsUser"] for one in contexts}) == 2
    for one in contexts:
        assert one["runAsUser"] >= containers.FIRST_UID
        assert (one["allowPrivilegeEscalation"], one["readOnlyRootFilesystem"]) == (False, True)
        assert one["capabilities"] == {"drop": ["ALL"]}
    assert of["spec"]["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert not of["spec"]["automountServiceAccountToken"]
    assert not {"hostNetwork", "hostPID", "hostIPC"} & of["spec"].keys()


def test_no_packet_enters_or_leaves_it() -> None:
    of, closed = made()
    assert closed["spec"]["podSelector"]["matchLabels"] == of["metadata"]["labels"]
    assert closed["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & closed["spec"].keys()


def test_the_two_share_sockets_and_each_other_s_files_not_at_all() -> None:
    of, _ = made()
    mounts = {role: container(of, role)["volumeMounts"] for role in containers.ROLES}
    names = {role: {one["name"] for one in found} for role, found in mounts.items()}
    assert names["kernels"] & names["guest"] == {"k", "agent", "etc"}
    assert "work" not in names["guest"]
    assert all(one["readOnly"] for one in mounts["guest"] if one["name"] in {"k", "agent"})
    volumes = {one["name"] for one in of["spec"]["volumes"]}
    assert names["kernels"] | names["guest"] == volumes


def test_the_commands_are_docker_s_own() -> None:
    of, _ = made(oci_runtime="runsc")
    assert container(of, "kernels")["command"] == containers.kernels(pod.example()).command
    assert of["spec"]["runtimeClassName"] == "runsc"
