"""The handshake: who connects, whether they may, and the `hello` that greets them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from chatroom import VERSION

from .. import protocol
from ..accounts import sessions, site_settings
from ..accounts.sessions import Identity
from ..errors import RateLimited
from . import site_news, visitors
from .connection import Connection
from .node import Node
from .rate_limits import HANDSHAKES_BY_ADDRESS


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a socket is closed at once. `outcome` is what is counted."""

    outcome: str
    code: int
    reason: str
    retry_ms: int | None = None


def identity_of(node: Node, scope: Mapping[str, Any], address: str) -> Identity | Refusal:
    """The member or visitor that this handshake is for, or why it is refused.

    The cookie is believed; whether the session still holds is asked afterwards
    (chat/realtime/connection_registry.py).
    """
    try:
        node.limits.check_address(HANDSHAKES_BY_ADDRESS, address)
    except RateLimited as error:
        return Refusal("rate_limited", protocol.CLOSE_RATE, error.detail, error.retry_ms)
    visits = visitors.is_visit(scope)
    if visits and not site_settings.known().visitors_read:
        return Refusal("signed_out", protocol.CLOSE_SIGN_IN, site_news.closed_to_visitors())
    if visits and node.registry.visitors.is_full(address):
        full = gettext("Too many people read along from your network now. Join with a name.")
        return Refusal("too_many_sockets", protocol.CLOSE_RATE, full, 30_000)
    identity = sessions.VISITOR if visits else sessions.identity_of_headers(scope["headers"])
    if identity is None:
        return Refusal("signed_out", protocol.CLOSE_SIGN_IN, gettext("Join with a name first."))
    if node.permissions.is_banned(identity.id):
        return Refusal("banned", protocol.CLOSE_BANNED, gettext("You are banned."))
    if node.registry.is_full(identity.id):
        too_many = gettext("You have {count} tabs open; close some.").format(
            count=settings.SOCKETS_PER_MEMBER
        )
        return Refusal("too_many_sockets", protocol.CLOSE_RATE, too_many, 30_000)
    return identity


def hello(node: Node, connection: Connection) -> protocol.Hello:
    return protocol.Hello(
        connection=connection.id,
        node=node.name,
        me=None if connection.is_visitor else connection.me,
        heartbeat_s=protocol.HEARTBEAT_SECONDS,
        limits={"body": settings.MESSAGE_MAX_LENGTH, "frame": protocol.CLIENT_FRAME_MAX},
        version=protocol.VERSION,
        role=node.permissions.role_name_of(connection.member_id),
        muted_until=node.permissions.muted_until(connection.member_id),
        reports=node.permissions.reports_for(connection.member_id),
        newcomers=node.permissions.newcomers_for(connection.member_id),
        site=_terms(),
        release=VERSION,
        here=node.people_here.count(),
    )


def _terms() -> protocol.SiteTerms | None:
    terms = site_news.terms_of(site_settings.known())
    return terms if terms != protocol.SiteTerms() else None
