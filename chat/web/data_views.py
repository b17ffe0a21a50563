"""*Your data*: a member downloads it or deletes the account. Without JavaScript too."""

from collections.abc import AsyncIterator, Callable
from functools import wraps

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..accounts import fresh_proof, site_settings
from ..accounts.fresh_proof import ProofWanted
from ..accounts.models import Member
from ..accounts.sessions import device_of, member_of
from ..errors import ChatError
from ..maintenance import data_requests, member_tasks
from ..maintenance.erasure import Choices
from ..maintenance.models import MemberTask
from ..realtime.rate_limits import DATA_REQUESTS_BY_MEMBER, LIMITS
from .refusals import form_page
from .responses import SeeOther

# The page of a deletion is for who has its address: nobody is signed in any more.
SALT = "chat.deletion"


@never_cache
@require_safe
def your_data(request: HttpRequest) -> HttpResponse:
    """What can be done with it, and how far that is."""
    member = member_of(request)
    if member is None:
        return redirect("/")
    return _page(request, member)


def _page(request: HttpRequest, member: Member, refused: ChatError | None = None) -> HttpResponse:
    download = data_requests.latest(member, data_requests.DOWNLOAD)
    is_account = member.kind == Member.Kind.ACCOUNT
    context = {
        "me": member,
        "is_account": is_account,
        "wants_proof": not fresh_proof.is_fresh(member, device_of(request, member)),
        "back": _deletion_form(),
        "days": settings.ACCOUNT_DELETION_DAYS if is_account else 0,
        "kept_days": settings.DOWNLOADS_KEPT_DAYS,
        "download": download,
        "percent": _percent(download),
        "size": member_tasks.size_of(download) if download and download.finished_at else 0,
        "deletion": MemberTask.objects.filter(
            member=member, kind=data_requests.DELETION, finished_at=None
        ).first(),
        "typed": request.POST.get("typed", "")[:100],
    }
    # A page that waits loads itself again.
    if download is not None and download.finished_at is None:
        context["reload_seconds"] = 2
    return form_page(request, "chat/your_data.html", context, refused)


def _deletion_form() -> str:
    return reverse("your_data") + "#delete"


def _percent(task: MemberTask | None) -> int | None:
    if task is None or not task.total:
        return None
    return min(100, 100 * task.done // task.total)


def _asked_by_a_member(
    act: Callable[[HttpRequest, Member], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A form of this page: refusals are said on it, and nobody asks too often."""

    @never_cache
    @require_POST
    @wraps(act)
    def view(request: HttpRequest) -> HttpResponse:
        member = member_of(request)
        if member is None:
            return SeeOther("/")
        try:
            LIMITS.check(DATA_REQUESTS_BY_MEMBER, member.pk)
            return act(request, member)
        except ChatError as refused:
            return _page(request, member, refused)

    return view


@_asked_by_a_member
def ask_download(request: HttpRequest, member: Member) -> HttpResponse:
    data_requests.ask_download(member=member)
    return SeeOther(reverse("your_data"))


@never_cache
@require_safe
def download(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The file, a piece at a time."""
    member = member_of(request)
    task = data_requests.latest(member, data_requests.DOWNLOAD) if member else None
    if task is None or task.finished_at is None:
        raise Http404(gettext("There is no file to download. Make one first."))
    name = f"{site_settings.current().name} {task.finished_at:%Y-%m-%d}.zip"
    ascii_name = "".join(c for c in name if c.isascii() and (c.isalnum() or c in " .-"))
    return StreamingHttpResponse(
        _pieces(task.pk),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{ascii_name}"',
            "Content-Length": str(member_tasks.size_of(task)),
        },
    )


async def _pieces(task_id: int) -> AsyncIterator[bytes]:
    number = 0
    while (data := await sync_to_async(member_tasks.part_of)(task_id, number)) is not None:
        yield data
        number += 1


# --- The deletion -----------------------------------------------------------------------------


@_asked_by_a_member
def ask_deletion(request: HttpRequest, member: Member) -> HttpResponse:
    """With a proof that it is the owner of the account who asks."""
    try:
        task = data_requests.ask_deletion(
            member=member,
            device=device_of(request, member),
            typed=request.POST.get("typed", ""),
            choices=Choices(
                keeps_name=request.POST.get("name") == "keep",
                keeps_texts=request.POST.get("texts") == "keep",
            ),
        )
    except ProofWanted:
        return SeeOther(f"{reverse('proof')}?{urlencode({'next': _deletion_form()})}")
    return SeeOther(address_of(task))


def address_of(task: MemberTask) -> str:
    return reverse("deletion", args=[signing.dumps(task.pk, salt=SALT)])


@never_cache
@require_safe
def deletion(request: HttpRequest, token: str) -> HttpResponse:
    """How far it is."""
    try:
        key = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        key = None
    task = MemberTask.objects.filter(pk=key).first()
    member = member_of(request)
    context = {
        "task": task,
        "percent": _percent(task),
        "is_mine": task is not None and member is not None and task.member_id == member.pk,
        "reload_seconds": 2 if task and task.finished_at is None and _is_near(task) else None,
    }
    page = render(request, "chat/deletion.html", context)
    # Django would log the address of a refusal, which holds a token.
    page._has_been_logged = True  # type: ignore[attr-defined]
    return page


def _is_near(task: MemberTask) -> bool:
    return task.cursor is not None or task.due_at <= timezone.now()


@_asked_by_a_member
def call_off(request: HttpRequest, member: Member) -> HttpResponse:
    data_requests.call_off(member=member)
    return SeeOther(reverse("your_data"))
