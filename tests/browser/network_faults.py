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
        # Refused without saying which command is meant; never answered; refused for now.
        self.unnamed: set[str] = set()
        self.unanswered: set[str] = set()
        self.passing: set[str] = set()
        # What ends the connection that it is sent on, and with which code.
        self.deadly: dict[str, int] = {}
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
            # What has no text is known by its type.
            body, ref = frame.get("body", frame["type"]), frame.get("ref")
            if body in self.refused:
                _refuse(socket, ref, "forbidden", "Not here.")
            elif body in self.unnamed:
                _refuse(socket, None, "bad_frame", "Nobody can read this.")
            elif body in self.passing:
                _refuse(socket, ref, "busy", "Not now.")
            elif body in self.deadly:
                socket.close(code=self.deadly[body])
            elif body not in self.unanswered:
                server.send(text)

        def from_server(text: str | bytes) -> None:
            if not (first and self.is_silent):
                self.heard += str(text)
                socket.send(text)

        socket.on_message(from_page)
        server.on_message(from_server)


class Held:
    """Frames of these types reach the page when they are released; what comes later, at once. It
    concerns the sockets that the page opens from now on.
    """

    def __init__(self, page: Page, *types: str) -> None:
        self.frames: list[str | bytes] = []
        self._page = page
        self._types = set(types)
        page.route_web_socket("**/ws/", self._open)

    def wait(self) -> None:
        """Until there is one."""
        while not self.frames:
            self._page.wait_for_timeout(20)

    def release(self) -> None:
        self._types.clear()
        for frame in self.frames:
            self._socket.send(frame)

    def _open(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.connect_to_server().on_message(self._pass_on)

    def _pass_on(self, text: str | bytes) -> None:
        if json.loads(text)["type"] in self._types:
            self.frames.append(text)
        else:
            self._socket.send(text)


def _refuse(socket: WebSocketRoute, ref: str | None, code: str, detail: str) -> None:
    refusal = {"type": "command.rejected", "ref": ref, "code": code, "detail": detail}
    socket.send(json.dumps(refusal))
