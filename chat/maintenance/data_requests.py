"""What members ask about their data: a copy of it, or their deletion (member_tasks.py does it)."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import fresh_proof
from ..accounts.models import Member
from ..errors import InvalidText, NotFound
from ..moderation.audit import record
from ..moderation.authorization import SYSTEM, Actor, in_session, lock_member
from ..moderation.models import AuditEntry
from .erasure import NOTHING_KEPT, Choices
from .member_tasks import remove
from .models import MemberTask
from .succession import require_successors

DOWNLOAD, DELETION = MemberTask.Kind.DOWNLOAD, MemberTask.Kind.DELETION


def latest(member: Member, kind: str) -> MemberTask | None:
    return MemberTask.objects.filter(member=member, kind=kind).order_by("-asked_at").first()


def ask_download(*, member: Member) -> MemberTask:
    """A new copy of the member's data; the one that is being made, if there is one."""
    with in_session(member.pk, member.session) as me:
        return _download_for(me)


def _download_for(member: Member) -> MemberTask:
    last = latest(member, DOWNLOAD)
    if last is not None and last.finished_at is None:
        return last
    if last is not None:
        remove(last)
    return MemberTask.objects.create(member=member, kind=DOWNLOAD)


def ask_deletion(*, member: Member, device: int, typed: str, choices: Choices) -> MemberTask:
    """The deletion of this member: an account's after some days, a guest's at once.

    InvalidText unless the name was typed; Forbidden if an owner must be found first; ProofWanted.
    """
    fresh_proof.require(member, device)
    with in_session(member.pk, member.session) as me:
        if " ".join(typed.split()) != me.name:
            raise InvalidText(gettext("Type your name as it stands above to delete your account."))
        require_successors(me)
        is_account = me.kind == Member.Kind.ACCOUNT
        return _deletion_of(me, choices, timedelta(days=_days()) if is_account else timedelta())


def _days() -> int:
    days: int = settings.ACCOUNT_DELETION_DAYS
    return days


def _deletion_of(
    member: Member, choices: Choices, wait: timedelta, actor: Actor | None = None, reason: str = ""
) -> MemberTask:
    task = MemberTask.objects.filter(member=member, kind=DELETION, finished_at=None).first()
    if task is not None and task.cursor is not None:
        return task
    task = task or MemberTask(member=member, kind=DELETION)
    task.keeps_name, task.keeps_texts = choices.keeps_name, choices.keeps_texts
    task.due_at, task.problem = timezone.now() + wait, ""
    task.save()
    record(
        actor or Actor(member),
        AuditEntry.Action.ASKED_DELETION,
        member=member,
        reason=reason,
        keeps_name=choices.keeps_name,
        keeps_texts=choices.keeps_texts,
    )
    return task


def call_off(*, member: Member) -> None:
    """Keep the account after all. NotFound once its deletion has begun."""
    with in_session(member.pk, member.session) as me:
        gone, _ = MemberTask.objects.filter(member=me, kind=DELETION, cursor__isnull=True).delete()
        if not gone:
            raise NotFound(gettext("There is no deletion to call off."))
        record(Actor(me), AuditEntry.Action.KEPT, member=me)


# --- What operators do ------------------------------------------------------------------------


def delete_now(
    *,
    member: Member,
    choices: Choices = NOTHING_KEPT,
    actor: Actor = SYSTEM,
    reason: str = "",
) -> MemberTask:
    """The deletion of this member, which begins as soon as a node is free. Forbidden if an owner
    must be found first.
    """
    with transaction.atomic():
        me = lock_member(member)
        require_successors(me)
        return _deletion_of(me, choices, timedelta(), actor, reason)


def download_for(member: Member) -> MemberTask:
    """A copy of the member's data, asked for by an operator."""
    return _download_for(member)
