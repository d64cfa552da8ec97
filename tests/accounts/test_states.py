"""Every step of an organisation's state machine, and every pair that is none."""

from __future__ import annotations

import itertools

import pytest

from accounts.states import LABELS, ORGANISATION, OrganisationAction, OrganisationState
from marketplace.errors import IllegalTransition

S, A = OrganisationState, OrganisationAction
LEGAL = {
    (S.DRAFT, A.SUBMIT): S.SUBMITTED,
    (S.RETURNED, A.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, A.VERIFY): S.VERIFIED,
    (S.SUBMITTED, A.RETURN): S.RETURNED,
    (S.VERIFIED, A.SUSPEND): S.SUSPENDED,
    (S.SUSPENDED, A.RESTORE): S.VERIFIED,
}


@pytest.mark.parametrize(("pair", "after"), LEGAL.items())
def test_legal_steps(pair, after):
    assert ORGANISATION.next_state(*pair) is after


@pytest.mark.parametrize("pair", [pair for pair in itertools.product(S, A) if pair not in LEGAL])
def test_every_other_pair_is_refused(pair):
    with pytest.raises(IllegalTransition):
        ORGANISATION.next_state(*pair)


def test_every_state_has_a_word():
    assert set(LABELS) == set(S)
