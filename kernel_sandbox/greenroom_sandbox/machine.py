"""The machine: what it lacks for isolating code, and what is weaker on it than it could be."""

from __future__ import annotations

import os
import platform

from greenroom_sandbox import bubblewrap, cgroup, launch, seccomp


def check() -> list[str]:
    """What stops this machine from isolating code, each with what to do; empty when nothing does."""
    problems = []
    if platform.machine() not in seccomp.ARCHITECTURES:
        known = " or ".join(seccomp.ARCHITECTURES)
        return [f"There is no seccomp filter for {platform.machine()} processors. Use a machine with {known}."]
    if bubblewrap.program() is None:
        return ["bwrap was not found. Install it (Debian: apt install bubblewrap)."]
    if os.geteuid() == 0 and (why := cgroup.try_out()) is not None:
        problems.append(
            f"No control group with limits can be made: {why}. "
            "In a container, give it a writable cgroup of its own; else run as an ordinary user."
        )
    if (why := bubblewrap.try_out()) is not None:
        problems.append(f"bwrap cannot make a box: {why}. {_NAMESPACES}")
    return problems


_NAMESPACES = (
    "Unprivileged user namespaces are probably off: as root, `sysctl kernel.unprivileged_userns_clone=1 "
    "user.max_user_namespaces=15000` turns them on (on Ubuntu also `kernel.apparmor_restrict_unprivileged_userns=0`); "
    "or run as root."
)


def weaker() -> list[str]:
    """What is weaker here than it could be, in sentences for the operator."""
    found = []
    if os.geteuid() != 0:
        found += [
            "Running as an ordinary user: candidates' code has your uid, mapped to another one inside its box. "
            "As root, each box has a uid of its own.",
            "Running as an ordinary user: memory is limited by a watchdog that looks 20 times a second, "
            "not by a control group.",
        ]
    if launch.landlock_abi() == 0:
        found.append(
            "This kernel has no Landlock: instead, no program in a box can make links or named pipes anywhere."
        )
    return found
