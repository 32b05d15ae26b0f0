"""A session's containers as Docker runs them, and as a cell finds them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from greenroom_sandbox import containers
from greenroom_sandbox.policy import GUEST, KERNELS, MIB
from sandbox.hosting import MEMORY, SESSION, Paired

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def paired(docker: str) -> AsyncIterator[Paired]:
    with tempfile.TemporaryDirectory(prefix="gr-") as place:
        made = Paired(Path(place) / SESSION, Path(place) / "work")
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


def inspected(paired: Paired, role: str) -> dict[str, Any]:
    found: dict[str, Any] = paired.pairs.client.inspect_container(containers.name(paired.pairs.house, SESSION, role))
    return found


@pytest.mark.parametrize("role", containers.ROLES)
async def test_docker_holds_a_container_in(paired: Paired, role: str) -> None:
    found = inspected(paired, role)
    host, networks = found["HostConfig"], found["NetworkSettings"]["Networks"]
    assert host["CapDrop"] == ["ALL"]
    assert host["CapAdd"] is None
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert (host["ReadonlyRootfs"], host["Privileged"], host["NetworkMode"], host["IpcMode"]) == (
        True, False, "none", "private",
    )  # fmt: skip
    assert set(networks) <= {"none"}
    assert "size=" in host["Tmpfs"]["/tmp"]
    assert int(found["Config"]["User"].split(":")[0]) >= containers.FIRST_UID
    assert not [mount for mount in found["Mounts"] if "docker" in mount["Source"]]
    assert not [word for word in found["Config"]["Env"] if "TOKEN" in word or "secret-token" in word]
    assert "secret-token" not in " ".join(found["Config"]["Cmd"])


async def test_both_are_limited_by_the_one_policy(paired: Paired) -> None:
    kernels, guest = (inspected(paired, role)["HostConfig"] for role in containers.ROLES)
    assert kernels["Memory"] == kernels["MemorySwap"] == (MEMORY + containers.AGENT_MEMORY) * MIB
    assert kernels["PidsLimit"] == 64 + containers.AGENT_PROCESSES
    assert kernels["CpuQuota"] == (KERNELS.cores or 0) * containers.PERIOD
    assert guest["Memory"] == guest["MemorySwap"] == GUEST.memory * MIB
    assert guest["PidsLimit"] == GUEST.processes
    assert guest["CpuQuota"] == (GUEST.cores or 0) * containers.PERIOD


async def test_a_changed_policy_changes_both_containers(paired: Paired) -> None:
    pair = paired.pair(1, 2)
    larger = replace(pair, kernels=replace(pair.kernels, memory=999, disk=7), guest=replace(pair.guest, processes=9))
    assert containers.kernels(larger).host["Memory"] == (999 + containers.AGENT_MEMORY) * MIB
    assert containers.kernels(larger).host["ShmSize"] == 7 * MIB
    assert containers.guest(larger).host["PidsLimit"] == 9


async def test_a_runtime_is_one_word(paired: Paired) -> None:
    pair = paired.pair(1, 2)
    assert "Runtime" not in containers.kernels(pair).host
    for make in (containers.kernels, containers.guest):
        assert make(replace(pair, oci_runtime="runsc")).host["Runtime"] == "runsc"


async def test_a_cell_has_no_capability_no_network_and_both_filters(paired: Paired) -> None:
    kernel = await paired.kernel()
    said = await kernel.run("import os\nprint(open('/proc/self/status').read()); print(open('/proc/net/dev').read())")
    told = dict(line.split(":\t", 1) for line in said.splitlines() if ":\t" in line)
    assert {told[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (told["NoNewPrivs"], told["Seccomp"], told["Seccomp_filters"]) == (
        "1",
        "2",
        "3",
    )  # Docker's, the agent's, its own
    devices = [
        line.split(":")[0].strip() for line in said.splitlines() if ":" in line and "|" not in line and "\t" not in line
    ]
    assert devices in ([], ["lo"]), devices
    accounts = await kernel.run("print(open('/etc/passwd').read())")
    assert accounts.startswith("candidate:")
    assert "root" not in accounts
    gained = await kernel.run(
        "import subprocess; print(subprocess.run(['su', '-c', 'id'], capture_output=True, text=True))"
    )
    assert "uid=0" not in gained


async def test_a_full_tmp_is_the_session_s_own(paired: Paired) -> None:
    kernel = await paired.kernel()
    program = "n = 0\ntry:\n  while True: open(f'/dev/shm/f{n}', 'wb').write(b'x' * (8 << 20)); n += 1\nexcept OSError as error: print(error.errno)"
    await kernel.begin(program)
    other = await paired.kernel()
    assert await other.run("6 * 7") == "42"
    await paired.fetch("GET", "api")
    for one in (kernel, other):
        await paired.fetch("DELETE", f"api/kernels/{one.id}")


async def test_the_folder_of_sockets_is_small_and_its_own(paired: Paired) -> None:
    described = next(
        line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(paired.runtime) in line
    )
    for word in ("nosuid", "nodev", "noexec", "size=1024k", "nr_inodes=512"):
        assert word in described
