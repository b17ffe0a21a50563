"""What the sockets of a page go through, in a test's hands."""

import json

from playwright.sync_api import Page, WebSocketRoute


class Wire:
    """It can be cut, be silent without a word, and refuse what is said."""

    def __init__(self, page: Page) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.heard = ""
        self.is_cut = False
        # Concerns the first socket only: who comes back on another is heard.
        self.is_silent = False
        self.refused: set[str] = set()
        page.route_web_socket("**/ws/", self._open)

    def cut(self) -> None:
        """From now on every socket ends at once."""
        self.is_cut = True
        self.sockets[-1].close(code=1011)

    def mend(self) -> None:
        self.is_cut = self.is_silent = False

    def _open(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        if self.is_cut:
            socket.close(code=1011)
            return
        server = socket.connect_to_server()
        first = socket is self.sockets[0]

        def from_page(text: str | bytes) -> None:
            frame = json.loads(text)
            if first and self.is_silent:
                return
            if frame.get("body") in self.refused:
                rejection = {"type": "command.rejected", "ref": frame["ref"]}
                socket.send(json.dumps(rejection | {"code": "forbidden", "detail": "Not here."}))
            else:
                server.send(text)

        def from_server(text: str | bytes) -> None:
            if not (first and self.is_silent):
                self.heard += str(text)
                socket.send(text)

        socket.on_message(from_page)
        server.on_message(from_server)
