"""One socket of a load test: it enters the room, sends, and checks what comes."""

import asyncio
from itertools import count
from typing import TYPE_CHECKING

from ..kit.chat_client import CLOSED_WITHOUT_A_FRAME, ChatSocket
from ..kit.client_protocol import encode
from .plan import now_us
from .received_frames import Accepted, Bye, Changes, Cursor, Entered, Rejected

if TYPE_CHECKING:
    from .generator import Generator

CONNECT_SECONDS = 20
# How long a sender of the closed loop waits after a refusal that names no time.
REFUSED_SECONDS = 0.2
BODY = "The quick brown fox jumps over the lazy dog, and says so in a line of an ordinary length."


class LoadSocket(ChatSocket):
    """A client that decodes as little as it can: the generator must outrun the server."""

    def __init__(self, generator: "Generator", index: int, due: int) -> None:
        super().__init__()
        self.generator = generator
        self.figures = generator.figures
        self.index = index
        self.due = due
        self.cursor: Cursor | None = None
        # Why the socket is closed, or is about to be.
        self.reason = ""
        self.entered: asyncio.Future[None] = generator.loop.create_future()
        # The scheduled times of the messages without an answer, by their numbers.
        self.waiting: dict[int, int] = {}
        # The closed loop's own count of messages.
        self.numbers = count(index, generator.plan.senders)

    async def open(self) -> None:
        """Return when it is in the room."""
        plan = self.generator.plan
        cookie = plan.cookies[self.index % len(plan.cookies)]
        async with asyncio.timeout(CONNECT_SECONDS):
            await self.connect(plan, cookie, seconds=CONNECT_SECONDS)
            self.send(encode("room.enter", ref="enter", room=plan.room))
            await self.entered

    def on_closed(self) -> None:
        reason = self.reason or self._close_reason()
        if not self.entered.done():
            self.entered.set_exception(ConnectionError(reason))
        elif self.cursor is not None and not self.generator.ended:
            self.figures.closed[reason] += 1

    def _close_reason(self) -> str:
        if self.close_code == CLOSED_WITHOUT_A_FRAME:
            return "closed without a word"
        return f"closed with {self.close_code}"

    def on_text(self, payload: bytes) -> None:
        now = now_us()
        self.figures.frames += 1
        self.figures.bytes += len(payload)
        match self.generator.decode(payload):
            case Changes() as changes:
                if self.cursor is not None:
                    self.generator.record_deliveries(self.cursor.apply(changes), now)
            case Accepted(ref=ref):
                self._answered(int(ref), now, None)
            case Rejected(ref="enter") as refusal:
                self.reason = f"{refusal.code}: {refusal.detail}"
                self.abort()
            case Rejected(ref=ref) as refusal if ref is not None:
                self._answered(int(ref), now, refusal)
            case Entered() as entered if self.cursor is None:
                self.cursor = Cursor(self.figures, entered.epoch, entered.to)
                if not self.entered.done():
                    self.figures.opened += 1
                    self.figures.connect.record(now - self.due)
                    self.entered.set_result(None)
            case Bye() as bye:
                self.reason = f"closed with {bye.code}: {bye.reason}"

    # --- Sending ------------------------------------------------------------------------------

    def send_message(self, number: int, due: int) -> None:
        """Send a message that should have gone out at `due`."""
        if self.transport is None:
            self.figures.unsent += 1
            return
        self.figures.sent += 1
        self.figures.sent_late.record(now_us() - due)
        self.waiting[number] = due
        plan = self.generator.plan
        client_id = f"{plan.name}-{number}-{due}"
        ref = str(number)
        self.send(encode("message.send", ref=ref, room=plan.room, client_id=client_id, body=BODY))

    def send_next(self) -> None:
        """The closed loop: another message, unless time is up."""
        now = now_us()
        if now < self.generator.until and self.transport is not None:
            self.send_message(next(self.numbers), now)

    def _answered(self, number: int, now: int, refusal: Rejected | None) -> None:
        due = self.waiting.pop(number, None)
        if due is None:
            self.figures.answered_twice += 1
            return
        if refusal is None:
            self.figures.accepted.add(number)
            self.figures.answer.record(now - due)
        else:
            self.figures.rejected[refusal.code] += 1
        if self.generator.plan.window:
            if refusal is None:
                self.send_next()
            else:
                wait = refusal.retry_ms / 1000 if refusal.retry_ms else REFUSED_SECONDS
                self.generator.loop.call_later(wait, self.send_next)
