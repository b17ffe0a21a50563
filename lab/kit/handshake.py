"""What a client sends to open a WebSocket, as a browser would."""

ANY_KEY = "AAAAAAAAAAAAAAAAAAAAAA=="


def headers(origin: str, cookie: str) -> dict[str, str]:
    """The two headers that a node judges a browser by; an empty one is left out."""
    both = {"Origin": origin, "Cookie": cookie}
    return {name: value for name, value in both.items() if value}


def upgrade_request(port: int, origin: str, cookie: str, *lines: str, path: str = "/ws/") -> bytes:
    """The bytes of the request, for clients that write to the socket themselves."""
    request = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {ANY_KEY}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers(origin, cookie).items()),
        *lines,
    ]
    return "\r\n".join([*request, "", ""]).encode("latin-1")
