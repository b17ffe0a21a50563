"""The blocking client of tests and labs stays connected while its test looks elsewhere."""

import threading
from types import SimpleNamespace
from typing import cast

from websockets.sync.server import ServerConnection, serve

from lab.kit.client_protocol import Address
from lab.kit.sync_client import PATIENCE_SECONDS, open_socket


def test_a_client_that_reads_nothing_for_long_still_answers_pings() -> None:
    answered = threading.Event()

    def talk(connection: ServerConnection) -> None:
        for number in range(200):
            connection.send(f"news {number}")
        if connection.ping().wait(PATIENCE_SECONDS):
            answered.set()

    with serve(talk, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever).start()
        port = server.socket.getsockname()[1]
        address = SimpleNamespace(url=f"ws://127.0.0.1:{port}/", origin=f"http://127.0.0.1:{port}")
        with open_socket(cast("Address", address), ""):
            assert answered.wait(PATIENCE_SECONDS)
