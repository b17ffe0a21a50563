"""Pages for moderators: the open reports, and the invitation to become owner."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..accounts.sessions import member_of, set_cookie
from ..errors import ChatError, Forbidden, NotFound, RateLimited
from ..messages.text import clean_text
from ..moderation import authorization, bans, message_moderation, mutes, reports, roles
from ..moderation.authorization import Actor
from ..moderation.models import Invitation, Report
from ..realtime.rate_limits import DECISIONS_BY_MEMBER, INVITATIONS_BY_ADDRESS, LIMITS
from ..rooms import access
from ..rooms.models import LOBBY
from . import form_limits
from .door_forms import asked_of_browser
from .forms import number_in
from .refusals import form_page
from .responses import SeeOther, invitation_page

# So many reports are shown at once; the others appear when these are closed.
REPORTS_SHOWN = 50
MUTE_SECONDS, BAN_SECONDS = 3600, 86_400


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reports_page(request: HttpRequest) -> HttpResponse:
    """The open reports, for moderators, with a decision on each. Works without JavaScript."""
    member = member_of(request)
    if member is None:
        raise PermissionDenied
    try:
        reports.require_reviewer(member)
    except Forbidden as refused:
        raise PermissionDenied from refused
    refusal = None
    if request.method == "POST":
        try:
            LIMITS.check(DECISIONS_BY_MEMBER, member.pk)
            messages.success(request, _handle_report(member, request.POST))
            return SeeOther(reverse("reports"))
        except ChatError as refused:
            refusal = refused
    context = {
        "me": member,
        "reported": _reported_messages(member),
        # Mutes and bans hold on the whole site.
        "may_mute": Actor(member).may(Permission.MUTE),
    }
    return form_page(request, "chat/reports.html", context, refusal)


def _reported_messages(member: Member) -> list[list[Report]]:
    """The open reports that this member may see, grouped by message."""
    waiting = reports.open_to(member).select_related("room", "author", "reporter")
    by_message: dict[tuple[int, int], list[Report]] = {}
    for report in waiting[:REPORTS_SHOWN]:
        by_message.setdefault((report.room_id, report.seq), []).append(report)
    return list(by_message.values())


def _handle_report(me: Member, form: QueryDict) -> SafeString:
    """Carry out the decision on one report; says what was done."""
    number = number_in(form.get("report", ""))
    known = Report.objects.filter(room__in=access.visible_to(me.pk))
    known = known.select_related("room", "author")
    report = known.filter(pk=number).first() if number is not None else None
    if report is None:
        raise NotFound(gettext("There is no such report."))
    with authorization.in_session(me.pk, me.session, report.author_id) as member:
        return _decide(Actor(member), report, form)


def _decide(actor: Actor, report: Report, form: QueryDict) -> SafeString:
    typed = clean_text(form.get("reason", ""))
    reason = typed or report.reason
    match form.get("decision"):
        case "delete":
            here = actor.in_room(report.room)
            message_moderation.delete(actor=here, room=report.room, seq=report.seq, reason=reason)
            done = gettext("The message of {} was deleted.")
        case "leave":
            reports.dismiss(actor=actor, report=report, reason=typed)
            done = gettext("The report about {} was dismissed.")
        case "mute":
            mutes.mute(actor=actor, member=report.author, seconds=MUTE_SECONDS, reason=reason)
            done = gettext("{} was muted for an hour.")
        case "ban":
            bans.ban(actor=actor, member=report.author, seconds=BAN_SECONDS, reason=reason)
            done = gettext("{} was banned for a day.")
        case _:
            raise NotFound(gettext("There is no such decision."))
    return format_html(done, format_html("<bdi>{}</bdi>", report.author.name))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation, by POST only: previews of links send GET."""
    member = member_of(request)
    if request.method == "POST":
        try:
            form_limits.check_address(request, INVITATIONS_BY_ADDRESS)
        except RateLimited as refused:
            return form_limits.too_many(refused)
    try:
        offered = roles.invitation_of(token)
        if request.method == "POST" and member is not None:
            roles.take_invitation(member=member, token=token)
            response = SeeOther(reverse("room", args=[LOBBY]))
            # A fresh cookie, so that the new role does not end soon with an old one.
            set_cookie(request, response, member)
            return response
    except ChatError as refused:
        return _invitation_page(request, refusal=refused)
    return _invitation_page(request, offered=offered)


def _invitation_page(
    request: HttpRequest, offered: Invitation | None = None, refusal: ChatError | None = None
) -> HttpResponse:
    asked = asked_of_browser(request, request.path)
    return invitation_page(request, "chat/invitation.html", refusal, offered=offered, **asked)
