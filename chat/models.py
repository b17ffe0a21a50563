"""All models of the app, for Django. Each is defined in the package of its subject."""

from .accounts.account_models import (
    CarriedOver,
    Device,
    Passkey,
    RecoveryCode,
    SignInLink,
    UsedChallenge,
)
from .accounts.models import AccessChange, ChangeNumbers, Member, MemberBlock, SessionChange
from .accounts.permissions import Permission, Role
from .accounts.profile_models import FormerName, Handle, Profile, ProfilePicture
from .accounts.site_models import Newcomer, RulesAccepted, SiteInvitation, SiteSettings
from .accounts.sso_models import SsoIdentity
from .accounts.users import User
from .maintenance.models import MemberTask, MemberTaskPart, NodeBeat
from .messages.models import Change, InboxHead, InboxItem, Message
from .moderation.models import AuditEntry, Ban, Invitation, Report
from .rooms.models import DirectRoom, Membership, ReadMark, Room, RoomHead, RoomInvitation

__all__ = [
    "AccessChange",
    "AuditEntry",
    "Ban",
    "CarriedOver",
    "Change",
    "ChangeNumbers",
    "Device",
    "DirectRoom",
    "FormerName",
    "Handle",
    "InboxHead",
    "InboxItem",
    "Invitation",
    "Member",
    "MemberBlock",
    "MemberTask",
    "MemberTaskPart",
    "Membership",
    "Message",
    "Newcomer",
    "NodeBeat",
    "Passkey",
    "Permission",
    "Profile",
    "ProfilePicture",
    "ReadMark",
    "RecoveryCode",
    "Report",
    "Role",
    "Room",
    "RoomHead",
    "RoomInvitation",
    "RulesAccepted",
    "SessionChange",
    "SignInLink",
    "SiteInvitation",
    "SiteSettings",
    "SsoIdentity",
    "UsedChallenge",
    "User",
]
