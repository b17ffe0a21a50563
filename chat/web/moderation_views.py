"""Pages of those who keep the house: taking an office, and the reports that wait."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..accounts.sessions import member_of, set_cookie
from ..errors import ChatError, NotFound, RateLimited
from ..messages.text import clean_text
from ..moderation import authorization, bans, message_moderation, mutes, reports, roles
from ..moderation.authorization import Actor
from ..moderation.models import Invitation, Report
from ..realtime.rate_limits import DECISIONS_BY_MEMBER, INVITATIONS_BY_ADDRESS, LIMITS
from ..rooms import access
from ..rooms.models import LOBBY
from . import form_limits
from .forms import JoinForm, number_in
from .views import STATUS_OF_REFUSAL, SeeOther, why_not_join

# So many reports are shown at once; the others follow when these are dealt with.
REPORTS_SHOWN = 50
MUTE_SECONDS, BAN_SECONDS = 3600, 86_400


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reports_page(request: HttpRequest) -> HttpResponse:
    """What members reported, for moderators: readable and usable before any JavaScript runs."""
    member = member_of(request)
    actor = Actor(member)
    if member is None or not actor.may(Permission.REVIEW):
        raise PermissionDenied
    refusal = None
    if request.method == "POST":
        try:
            LIMITS.check(DECISIONS_BY_MEMBER, member.pk)
            messages.success(request, _deal_with(member, request.POST))
            return SeeOther(reverse("reports"))
        except ChatError as refused:
            refusal = refused
    context = {"me": member, "reported": _reported_messages(member), "refusal": refusal}
    status = STATUS_OF_REFUSAL[refusal.code] if refusal else HTTPStatus.OK
    page = render(request, "chat/reports.html", context, status=status)
    return form_limits.say_when(page, refusal) if refusal else page


def _reported_messages(member: Member) -> list[list[Report]]:
    """What waits, message by message, each with everyone's reason."""
    waiting = reports.open_to(member.pk).select_related("room", "author", "reporter")
    of_message: dict[tuple[int, int], list[Report]] = {}
    for report in waiting[:REPORTS_SHOWN]:
        of_message.setdefault((report.room_id, report.seq), []).append(report)
    return list(of_message.values())


def _deal_with(me: Member, form: QueryDict) -> SafeString:
    """One report, one decision; the message's other reports are closed with it. What was done."""
    number = number_in(form.get("report", ""))
    known = Report.objects.filter(room__in=access.visible_to(me.pk))
    known = known.select_related("room", "author")
    report = known.filter(pk=number).first() if number is not None else None
    if report is None:
        raise NotFound("There is no such report.")
    with authorization.in_session(me.pk, me.session, report.author_id) as member:
        return _decide(Actor(member), report, form)


def _decide(actor: Actor, report: Report, form: QueryDict) -> SafeString:
    said = clean_text(form.get("reason", ""))
    reason = said or report.reason
    match form.get("decision"):
        case "delete":
            message_moderation.delete(actor=actor, room=report.room, seq=report.seq, reason=reason)
            done = "The message of {} was deleted."
        case "leave":
            reports.dismiss(actor=actor, report=report, reason=said)
            done = "The report about {} was dismissed."
        case "mute":
            mutes.mute(actor=actor, member=report.author, seconds=MUTE_SECONDS, reason=reason)
            done = "{} was muted for an hour."
        case "ban":
            bans.ban(actor=actor, member=report.author, seconds=BAN_SECONDS, reason=reason)
            done = "{} was banned for a day."
        case _:
            raise NotFound("There is no such decision.")
    return format_html(done, format_html("<bdi>{}</bdi>", report.author.name))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take an office. Looking takes nothing: previews of the link look too."""
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
            # A cookie for the full time from now on: an office should not run out with it.
            set_cookie(request, response, member)
            return response
    except ChatError as refused:
        return _invitation_page(request, refusal=refused)
    return _invitation_page(request, offered=offered)


def _invitation_page(
    request: HttpRequest, offered: Invitation | None = None, refusal: ChatError | None = None
) -> HttpResponse:
    context = {
        "offered": offered,
        "refusal": refusal,
        "me": member_of(request),
        "form": JoinForm(),
        "next": request.path,
        "banned": why_not_join(request),
    }
    status = STATUS_OF_REFUSAL[refusal.code] if refusal else HTTPStatus.OK
    return render(request, "chat/invitation.html", context, status=status)
