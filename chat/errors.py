"""The refusals of the chat: raised where a rule is broken, answered once, at the edge."""

from typing import ClassVar


class ChatError(Exception):
    """A command that cannot be carried out. `code` travels; `detail` is for people."""

    code: ClassVar[str]

    def __init__(self, detail: str, *, retry_ms: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_ms = retry_ms


class BadFrame(ChatError):
    """The frame is not a JSON object in UTF-8 text."""

    code = "bad_frame"


class BadCommand(ChatError):
    """The object is no command of the protocol."""

    code = "bad_command"


class InvalidText(ChatError):
    """The text is empty, or holds what cannot be stored or shown."""

    code = "invalid_text"


class TooLong(ChatError):
    """The text is over its limit."""

    code = "too_long"


class Forbidden(ChatError):
    """The thing is there, and not yours to change."""

    code = "forbidden"


class SessionEnded(Forbidden):
    """Whoever asks was signed out, or goes by an old name: the cookie speaks for nobody now."""

    def __init__(self) -> None:
        super().__init__("Your session has ended; join again.")


class NotFound(ChatError):
    """There is no such thing, or you may not know of it: both look the same."""

    code = "not_found"


class KeyReused(ChatError):
    """The `client_id` was used before, for a message that says something else."""

    code = "key_reused"


class RateLimited(ChatError):
    """Too much at once; welcome again after `retry_ms`."""

    code = "rate_limited"


class Busy(ChatError):
    """The room could not be locked in time; nothing was stored; try again."""

    code = "busy"


class Unavailable(ChatError):
    """The database gave no answer. The message may be stored: sending it again is safe."""

    code = "unavailable"


class NameRefused(ChatError):
    """The name cannot be had. `suggestions` are free at the time of asking."""

    code = "invalid_text"

    def __init__(self, detail: str, *, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.suggestions = suggestions
