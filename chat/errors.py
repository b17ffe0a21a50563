"""Errors of the chat: raised where a rule is broken, and turned into answers at the edge."""

from typing import ClassVar

from django.utils.translation import gettext


class ChatError(Exception):
    """A command cannot be carried out. `code` is for programs, `detail` for people."""

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
    """The member may see it, and may not change it."""

    code = "forbidden"


class SessionEnded(Forbidden):
    """The cookie's session has ended: the member was signed out, left, or has a new name."""

    def __init__(self) -> None:
        super().__init__(gettext("Your session has ended; join again."))


class NotFound(ChatError):
    """It does not exist, or the member may not see it: both look the same."""

    code = "not_found"


class NeedsConfirmation(ChatError):
    """It would tell so many people that the author is asked first: again with `confirmed`."""

    code = "confirm"


class KeyReused(ChatError):
    """The `client_id` was used before, for a message with another text."""

    code = "key_reused"


class RateLimited(ChatError):
    """A rate limit is reached; try again after `retry_ms`."""

    code = "rate_limited"


class Busy(ChatError):
    """The room could not be locked in time. Nothing was stored; try again."""

    code = "busy"


class Unavailable(ChatError):
    """The database gave no answer. The message may be stored: sending it again is safe."""

    code = "unavailable"


class NameRefused(ChatError):
    """The name is taken or not allowed. `suggestions` are names that are free now."""

    code = "invalid_text"

    def __init__(self, detail: str, *, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.suggestions = suggestions


class ProviderUnavailable(ChatError):
    """The provider of single sign-on gave no answer that can be used. Nothing was changed."""

    code = "unavailable"
