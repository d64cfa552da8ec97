"""Roles, permissions, and the page that shows them."""

from __future__ import annotations

from accounts.roles import (
    ORG_PERMISSIONS,
    PERMISSION_LABELS,
    ROLE_LABELS,
    STAFF_PERMISSIONS,
    OrgRole,
    StaffRole,
    permissions_of,
)
from marketplace.permissions import Permission


def test_every_role_carries_permissions_and_has_a_name():
    assert set(ORG_PERMISSIONS) == set(OrgRole)
    assert set(STAFF_PERMISSIONS) == set(StaffRole)
    assert set(ROLE_LABELS) == {*OrgRole, *StaffRole}


def test_every_permission_has_words_and_somebody_who_holds_it():
    everybody = permissions_of(frozenset(OrgRole), frozenset(StaffRole))

    assert set(PERMISSION_LABELS) == set(Permission) == everybody


def test_members_never_get_a_permission_of_staff():
    granted = permissions_of(frozenset(OrgRole), frozenset())

    assert [permission for permission in granted if permission.value.startswith("staff:")] == []


def test_staff_never_get_a_permission_of_members():
    granted = permissions_of(frozenset(), frozenset(StaffRole))

    assert [permission for permission in granted if permission.value.startswith("org:")] == []


def test_a_seller_is_not_automatically_a_buyer():
    granted = permissions_of(frozenset({OrgRole.SELLER_EDITOR, OrgRole.SELLER_APPROVER}), frozenset())

    assert Permission.BID_PLACE not in granted


def test_the_page_shows_every_role_to_everybody(client):
    page = client.get("/help/roles", query_string={"lang": "zh_CN"}).text

    assert [str(label) for label in ROLE_LABELS.values() if str(label) not in page] == []
