"""Starts ipykernel inside its box. A plain file for the kernel's own environment: nothing of Greenroom is beside it.

ipykernel collects what forked children print over a TCP socket on localhost. A box has no network, so that pipe moves
to a unix socket in a private folder.
"""

# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, ANN202

import json
import os
import sys
import tempfile

import languages
import zmq
from ipykernel import iostream
from zmq.eventloop.zmqstream import ZMQStream


def _bind(self):
    self._pipe_uuid = os.urandom(16)
    self._pipe_folder = tempfile.mkdtemp(prefix="prints-")
    pipe = self.socket.context.socket(zmq.PULL)
    pipe.linger = 0
    pipe.bind(f"ipc://{self._pipe_folder}/pipe")
    self._pipe_in = ZMQStream(pipe, self.io_loop)
    self._pipe_in.on_recv(self._handle_pipe_msg)


def _connect(self):
    context = zmq.Context()
    pipe = context.socket(zmq.PUSH)
    pipe.linger = 3000
    pipe.connect(f"ipc://{self._pipe_folder}/pipe")
    return context, pipe


def main():
    """Become the kernel whose connection file is the first argument."""
    from ipykernel.kernelapp import IPKernelApp  # noqa: PLC0415 - it imports the stream module, which must be mended first

    iostream.IOPubThread._setup_pipe_in = _bind
    iostream.IOPubThread._setup_pipe_out = _connect
    sys.path.insert(0, "")
    with open(sys.argv[1]) as file:  # noqa: PTH123 - a plain file
        about = languages.BY_KERNEL.get(json.load(file).get("kernel_name"))
    if about is not None:
        import wrapper_kernel  # noqa: PLC0415 - most kernels are Python's own

        IPKernelApp.launch_instance(["-f", sys.argv[1]], kernel_class=wrapper_kernel.of(about))
        return
    IPKernelApp.launch_instance(["-f", sys.argv[1], "--ext=cell_magics", "--ext=check_button"])


if __name__ == "__main__":
    main()
