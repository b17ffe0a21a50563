"""The tables of moderation: bans, reports, invitations and the audit record."""

from datetime import datetime
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..accounts.models import Member
from ..rooms.models import Room

REASON_MAX_LENGTH = 500


class BanQuerySet(models.QuerySet["Ban"]):
    def in_force(self, now: datetime) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=now), lifted_at=None)


class Ban(models.Model):
    """A member may not join; with `address_hash`, neither may new guests from that network."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="bans")
    address_hash = models.CharField(
        max_length=32, blank=True, help_text="Nobody new may join from this network, if given."
    )
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: for good.")
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = BanQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["address_hash"], condition=~Q(address_hash=""), name="bans_of_networks"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} until {self.until or 'for good'}"


# Counting stops here: with more open reports nobody needs the exact number.
WAITING_SHOWN = 100


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> Self:
        """Reports that nobody has dealt with yet, the oldest first."""
        return self.filter(closed_at=None).order_by("at", "pk")

    def waiting(self) -> int:
        """How many of these are open, counted up to WAITING_SHOWN + 1."""
        return len(self.open().values_list("pk")[: WAITING_SHOWN + 1])


class Report(models.Model):
    """A member asks the moderators to look at a message.

    Holds the message's number and a copy of its text, because the message may change or be pruned.
    """

    room = models.ForeignKey(Room, models.PROTECT, related_name="reports", db_index=False)
    seq = models.BigIntegerField()
    author = models.ForeignKey(Member, models.PROTECT, related_name="reports_about")
    body = models.TextField(help_text="What the message said when it was reported.")
    reporter = models.ForeignKey(Member, models.PROTECT, related_name="reports_by")
    reason = models.CharField(max_length=REASON_MAX_LENGTH)
    at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "seq", "reporter"], name="one_report_per_member_and_message"
            )
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(closed_at=None), name="reports_still_open")
        ]

    def __str__(self) -> str:
        return f"{self.room_id}/{self.seq}: {self.reason[:40]}"


class Invitation(models.Model):
    """A link that gives its role to the first member who takes it. Its token is signed."""

    office = models.CharField(max_length=9, choices=Member.Office)
    created_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    def __str__(self) -> str:
        return f"{self.office} until {self.until}"


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("The record of who did what only grows.")

    def delete(self) -> NoReturn:
        raise TypeError("The record of who did what only grows.")


class AuditEntry(models.Model):
    """Who did what, to whom and why. PostgreSQL refuses to change or delete a row."""

    class Action(models.TextChoices):
        DELETED = "deleted", "deleted a message"
        RESTORED = "restored", "restored a message"
        MUTED = "muted", "muted"
        UNMUTED = "unmuted", "ended the mute of"
        BANNED = "banned", "banned"
        UNBANNED = "unbanned", "ended the ban of"
        RULED = "ruled", "set the rules of a room"
        APPOINTED = "appointed", "gave a role to"
        DISMISSED = "dismissed", "removed the role of"
        INVITED = "invited", "made an invitation"
        DISMISSED_REPORT = "report_closed", "dismissed a report"
        REOPENED_REPORT = "report_reopened", "reopened a report"
        SIGNED_OUT = "signed_out", "signed out"
        DISABLED = "disabled", "disabled the account of"
        ENABLED = "enabled", "enabled the account of"
        RECOVERY_LINK = "recovery_link", "made a recovery link for"
        OPENED_ROOM = "room_opened", "opened a room"
        CHANGED_ROOM = "room_changed", "changed a room"
        ARCHIVED_ROOM = "room_archived", "archived a room"
        UNARCHIVED_ROOM = "room_restored", "restored an archived room"
        DELETED_ROOM = "room_deleted", "deleted a room"
        ADDED = "member_added", "added to a room"
        REMOVED = "member_removed", "removed from a room"
        REVOKED = "invite_revoked", "revoked an invitation"
        EXPORTED = "exported", "exported"
        CHANGED_SITE = "site_changed", "changed the site settings"
        LET_IN = "let_in", "let in"
        KEPT_OUT = "kept_out", "refused to let in"
        WAITS_AGAIN = "waits_again", "took back the decision about"
        CARRIED_OVER = "carried_over", "carried over the messages of"
        ASKED_DELETION = "deletion_asked", "asked to delete"
        KEPT = "deletion_undone", "called off the deletion of"
        ERASED = "erased", "deleted"
        CLEARED_PROFILE = "profile_cleared", "removed from the profile of"

    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=16, choices=Action)
    # The actor: a member, a user of the admin, or neither for a command on the server.
    actor = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The target. A message is named by its room and number.
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="audit_entries"
    )
    room = models.ForeignKey(
        Room, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    seq = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    details = models.JSONField(null=True, blank=True, help_text="What was set: a time, a rule …")

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The record of who did what only grows.")
