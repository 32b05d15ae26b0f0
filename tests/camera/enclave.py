"""A network namespace for a browser: only our service is in it, and every packet that tries to leave is counted."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNET = 0x40000000  # linux/sched.h


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass
class Enclave:
    """One namespace, by its name."""

    name: str

    def __post_init__(self) -> None:
        ip("netns", "add", self.name)
        inside = ("-n", self.name)
        ip(*inside, "link", "set", "lo", "up")
        # A way out that leads nowhere: what is sent there is counted, and would have left on another machine.
        ip(*inside, "link", "add", "out", "type", "veth", "peer", "name", "nowhere")
        self.run("sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1")
        for one in ("out", "nowhere"):
            ip(*inside, "link", "set", one, "up")
        ip(*inside, "address", "add", "198.18.0.1/24", "dev", "out")
        ip(*inside, "route", "add", "default", "via", "198.18.0.2")

    def run(self, *words: str) -> str:
        done = subprocess.run(["ip", "netns", "exec", self.name, *words], check=True, capture_output=True, text=True)
        return done.stdout

    def chromium(self, folder: Path) -> Path:
        """A program that is Chromium in here."""
        program = folder / "chromium"
        program.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} /usr/bin/chromium "$@"\n')
        program.chmod(0o755)
        return program

    def listen(self, port: int) -> socket.socket:
        """A socket of this process that listens in here."""
        found: list[socket.socket] = []

        def enter() -> None:
            with Path(f"/run/netns/{self.name}").open() as space:
                if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            found.append(socket.create_server(("127.0.0.1", port)))

        thread = threading.Thread(target=enter)  # the namespace is a thread's; this one ends with it
        thread.start()
        thread.join()
        found[0].setblocking(False)
        return found[0]

    def left(self) -> int:
        """Packets that were sent on the way out."""
        return int(self.run("cat", "/sys/class/net/out/statistics/tx_packets"))

    def datagrams(self) -> int:
        """UDP datagrams that were sent, wherever to."""
        names, values = [line.split() for line in self.run("cat", "/proc/net/snmp").splitlines() if line[:4] == "Udp:"]
        return int(values[names.index("OutDatagrams")])

    def close(self) -> None:
        ip("netns", "del", self.name)
