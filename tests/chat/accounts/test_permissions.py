"""Who may do what: the whole table, and over whom."""

import pytest

from chat.accounts.permissions import Permission, Role, is_allowed

pytestmark = pytest.mark.once

G, M, MOD, OWN = Role.GUEST, Role.MEMBER, Role.MODERATOR, Role.OWNER

TABLE: dict[Permission, set[Role]] = {
    Permission.WRITE: {G, M, MOD, OWN},
    Permission.REPORT: {G, M, MOD, OWN},
    Permission.WRITE_UNBOUND: {MOD, OWN},
    Permission.DELETE: {MOD, OWN},
    Permission.RESTORE: {MOD, OWN},
    Permission.MUTE: {MOD, OWN},
    Permission.BAN: {MOD, OWN},
    Permission.SET_RULES: {MOD, OWN},
    Permission.REVIEW: {MOD, OWN},
    Permission.APPOINT: {OWN},
}

# Over whom each role may use the powers that are used against someone.
OVER: dict[Role, set[Role]] = {G: set(), M: set(), MOD: {G, M}, OWN: {G, M, MOD}}


def test_the_table_leaves_no_power_out() -> None:
    assert set(TABLE) == set(Permission)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("power", Permission)
def test_a_role_has_the_powers_of_the_table(role: Role, power: Permission) -> None:
    assert is_allowed(role, power) == (role in TABLE[power])


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("against", Role)
@pytest.mark.parametrize("power", [Permission.DELETE, Permission.MUTE, Permission.BAN])
def test_nobody_has_power_over_their_equals(role: Role, power: Permission, against: Role) -> None:
    assert is_allowed(role, power, against) == (against in OVER[role])


@pytest.mark.parametrize("against", Role)
def test_an_owner_appoints_everyone_but_owners(against: Role) -> None:
    assert is_allowed(OWN, Permission.APPOINT, against) == (against != OWN)
    assert not is_allowed(MOD, Permission.APPOINT, against)
