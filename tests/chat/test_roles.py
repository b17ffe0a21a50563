"""Who may do what: the whole table, and over whom."""

import pytest

from chat.models import Power, Role
from chat.models.roles import may

pytestmark = pytest.mark.once

G, M, MOD, OWN = Role.GUEST, Role.MEMBER, Role.MODERATOR, Role.OWNER

TABLE: dict[Power, set[Role]] = {
    Power.WRITE: {G, M, MOD, OWN},
    Power.REPORT: {G, M, MOD, OWN},
    Power.WRITE_UNBOUND: {MOD, OWN},
    Power.DELETE: {MOD, OWN},
    Power.RESTORE: {MOD, OWN},
    Power.MUTE: {MOD, OWN},
    Power.BAN: {MOD, OWN},
    Power.SET_RULES: {MOD, OWN},
    Power.REVIEW: {MOD, OWN},
    Power.APPOINT: {OWN},
}

# Over whom each role may use the powers that are used against someone.
OVER: dict[Role, set[Role]] = {G: set(), M: set(), MOD: {G, M}, OWN: {G, M, MOD}}


def test_the_table_leaves_no_power_out() -> None:
    assert set(TABLE) == set(Power)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("power", Power)
def test_a_role_has_the_powers_of_the_table(role: Role, power: Power) -> None:
    assert may(role, power) == (role in TABLE[power])


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("against", Role)
@pytest.mark.parametrize("power", [Power.DELETE, Power.MUTE, Power.BAN])
def test_nobody_has_power_over_their_equals(role: Role, power: Power, against: Role) -> None:
    assert may(role, power, against) == (against in OVER[role])


@pytest.mark.parametrize("against", Role)
def test_an_owner_appoints_everyone_but_owners(against: Role) -> None:
    assert may(OWN, Power.APPOINT, against) == (against != OWN)
    assert not may(MOD, Power.APPOINT, against)
