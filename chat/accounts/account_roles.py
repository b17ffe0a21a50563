"""What an account may do in the admin follows from its member's role."""

from .models import Member
from .users import User


def follow(member: Member) -> None:
    """Give the account what belongs to the role. Call it in the transaction that sets the role.

    An owner is staff with all permissions. A moderator moderates in the rooms, and gets no
    password-protected pages by that.
    """
    is_owner = member.office == Member.Office.OWNER
    User.objects.filter(member=member).update(is_staff=is_owner, is_superuser=is_owner)
