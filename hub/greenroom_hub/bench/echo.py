"""A bare tornado that sends back what it is sent: the least that a websocket costs. It prints its port."""

from __future__ import annotations

import asyncio
import signal

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Echo(WebSocketHandler):
    """What it says itself."""

    def open(self) -> None:
        """Sends at once, as the service does."""
        self.set_nodelay(True)

    def on_message(self, message: str | bytes) -> None:
        """Back."""
        self.write_message(message)


async def main() -> None:
    """Serves until a signal ends it."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    socket, port = bind_unused_port()
    server = HTTPServer(Application([("/", Echo)]))
    server.add_socket(socket)
    print(port, flush=True)
    await stop.wait()
    server.stop()
    await server.close_all_connections()


if __name__ == "__main__":
    asyncio.run(main())
