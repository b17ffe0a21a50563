"""The log of a real node, as a machine reads it."""

import json
import urllib.error
import urllib.request

import pytest

from tests.clients import deployment

WORDS = "what Ada said to Bob"


def test_a_log_is_an_object_a_line_and_holds_nothing_that_people_say() -> None:
    with deployment() as place, place.node("logging", LOG_FORMAT="json") as node:
        room, tab = next(node.rooms), node.connect()
        tab.enter(room)
        said = tab.say(room, WORDS, client_id="key")
        tab.ask("message.edit", room=room, seq=said["seq"], body=f"{WORDS}, and more")
        # Refused: too long; another message under the same key; nothing that can be read.
        tab.send("message.send", ref="no", room=room, client_id="long", body=WORDS * 250)
        tab.receive("command.rejected", code="too_long")
        tab.send("message.send", ref="no", room=room, client_id="key", body=f"not {WORDS}")
        tab.receive("command.rejected", code="key_reused")
        tab.socket.send(f'{{"type": "{WORDS}"')
        tab.receive("command.rejected", code="bad_command")
        urllib.request.urlopen(f"{node.origin}/rooms/{room}/").close()  # noqa: S310
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{node.origin}/nowhere/")  # noqa: S310
        node.stop()
        lines = node.log.splitlines()

    [told] = [json.loads(line) for line in lines if "/nowhere/" in line]
    assert {"time", "level", "logger", "node", "message"} <= set(told)
    assert [line for line in lines if WORDS in line] == []
