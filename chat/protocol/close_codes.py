"""Why a socket is closed: below 4500 come back and resume, from 4500 on do not.

Plain integers: autobahn refuses an IntEnum, and the client would see 1011.
"""

CLOSE_DRAINING = 4000


CLOSE_SLOW = 4001


CLOSE_RESYNC = 4002


CLOSE_IDLE = 4008


CLOSE_RATE = 4029


CLOSE_PROTOCOL = 4500


CLOSE_SIGN_IN = 4501


CLOSE_BANNED = 4503


CLOSE_TOO_OLD = 4510
