"""Ada and Bob join as anyone does: by the form, through the front door of their node."""

import http.client
import re
import urllib.parse

from msgspec import Struct

from ..kit.deployment import Endpoint

# Of the form's protection; it is checked against the cookie that we send ourselves.
CSRF = "lab" * 10 + "xx"
SECONDS = 20


class Joined(Struct):
    """Someone with a name. The cookie is what makes a browser theirs, on this node alone."""

    name: str
    node: str
    cookie_name: str
    cookie_value: str


def join(front: Endpoint, name: str) -> Joined:
    """Blocks until the node has answered. OSError: it took nobody in."""
    form = urllib.parse.urlencode({"name": name, "next": "/healthz", "csrfmiddlewaretoken": CSRF})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken-{front.name}={CSRF}",
        "Origin": front.origin,
    }
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=SECONDS)
    try:
        connection.request("POST", "/join/", form, headers)
        answer = connection.getresponse()
        answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            if found := re.match(rf"([\w-]*member-{front.name})=([^;]+)", cookie):
                return Joined(name, front.name, found[1], found[2])
        raise OSError(f"{front.name} did not let {name} join: {answer.status} {answer.reason}")
    finally:
        connection.close()
