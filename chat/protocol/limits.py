"""The version of the contract, and what a frame may hold."""

VERSION = 1


# A client's frame may have this many bytes; what the server sends stays below the other.
CLIENT_FRAME_MAX = 16 * 1024


SERVER_FRAME_MAX = 64 * 1024


HEARTBEAT_SECONDS = 25
