"""Where kernels run on this machine: each in a box that bubblewrap makes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from greenroom_sandbox import bubblewrap, cgroup
from greenroom_sandbox.bubblewrap import Bind, Command
from greenroom_sandbox.kernels import ENVIRONMENT, FILES, MAIN, PLACE
from greenroom_sandbox.policy import Policy


@dataclass(frozen=True, slots=True)
class Boxes:
    """Boxes of one session.

    `environment`: a virtual environment with ipykernel; `work`: the kernels' home; `door`: the folder of the service's
    socket; `uid`: who kernels become, None in a user namespace.
    """

    environment: Path
    work: Path
    door: Path
    uid: int | None
    own_group: cgroup.Cgroup | None = None

    def command(self, policy: Policy, name: str, folder: Path) -> Command:
        """A box for one kernel."""
        beside = Path(__file__)
        return bubblewrap.command(
            replace(policy, read_only=(*policy.read_only, *interpreter_folders(self.environment))),
            [str(self.environment / "bin" / "python"), f"/run/{MAIN}", f"{PLACE}/{name}/connection.json"],
            uid=self.uid,
            env=ENVIRONMENT,
            binds=[
                Bind(folder, f"{PLACE}/{name}", writable=True, sockets=True),
                *(Bind(beside.with_name(file), f"/run/{file}") for file in FILES),
                Bind(self.door, "/run/greenroom"),
            ],
            folder=self.work,
            umask=0,  # the guest, of another uid, must be able to use the sockets; nobody else can reach them
        )

    def tidy(self) -> None:
        """A box takes all with it."""


def interpreter_folders(environment: Path) -> tuple[str, ...]:
    """What a virtual environment needs to be seen: itself and the Python it was made from."""
    settings = (environment / "pyvenv.cfg").read_text().splitlines()
    home = next(line.split("=", 1)[1].strip() for line in settings if line.startswith("home"))
    base = str(Path(home).resolve().parent)
    return (str(environment), *([] if base == "/usr" else [base]))
