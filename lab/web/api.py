"""What the page asks and does, as JSON. Who may ask: guards.py."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import msgspec
import psycopg
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from ..bench.faults import UnknownFaultError
from .laboratory import RefusedError, laboratory

View = Callable[..., Coroutine[Any, Any, HttpResponse]]
# Wrong names and values, servers that do not answer: each says what it is.
REFUSALS = (RefusedError, UnknownFaultError, LookupError, ValueError, TypeError, OSError)
NO_DATABASE = "The database does not answer now. Restart it, or heal all."


def json(value: object) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), content_type="application/json")


def in_words(view: View) -> View:
    """What is refused is told as a sentence."""

    @wraps(view)
    async def telling(*args: Any, **named: Any) -> HttpResponse:
        try:
            return await view(*args, **named)
        except REFUSALS as refusal:
            sentence = str(refusal.args[-1]) if refusal.args else type(refusal).__name__
        except psycopg.Error:
            sentence = NO_DATABASE
        return HttpResponse(sentence, status=409, content_type="text/plain")

    return telling


def body_of(request: HttpRequest) -> dict[str, Any]:
    return msgspec.json.decode(request.body or b"{}", type=dict[str, Any])


@require_GET
@in_words
async def state(request: HttpRequest) -> HttpResponse:
    return json(await laboratory().state())


@require_POST
@in_words
async def fault(request: HttpRequest) -> HttpResponse:
    body = body_of(request)
    await laboratory().bench.fault(body.pop("name"), body.pop("target", ""), **body)
    return json({})


@require_POST
@in_words
async def switch(request: HttpRequest) -> HttpResponse:
    body = body_of(request)
    await laboratory().bench.switch(body["name"], on=body["on"] is True)
    return json({})


@require_POST
@in_words
async def load(request: HttpRequest) -> HttpResponse:
    body = body_of(request)
    lab = laboratory()
    await lab.bench.load(int(body["people"]), float(body["per_second"]), lab.room)
    return json({})


@require_POST
@in_words
async def heal(request: HttpRequest) -> HttpResponse:
    await laboratory().bench.heal()
    return json({})


@require_POST
@in_words
async def shown(request: HttpRequest) -> HttpResponse:
    """What the pages in the frames were sent, and have shown."""
    for frame in body_of(request)["seen"]:
        laboratory().shown(frame.pop("lane"), frame)
    return json({})


@require_GET
@in_words
async def trace(request: HttpRequest, room: str, seq: int) -> HttpResponse:
    return json(await laboratory().bench.trace(room, seq))


@require_GET
@in_words
async def labs(request: HttpRequest) -> HttpResponse:
    return json(laboratory().sheets())


@require_POST
@in_words
async def lab_act(request: HttpRequest, number: int, act: str) -> HttpResponse:
    await laboratory().do(number, act, body_of(request))
    return json(laboratory().sheets())
