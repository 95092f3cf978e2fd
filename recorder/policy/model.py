# SPDX-License-Identifier: EUPL-1.2
"""Which policy applies.

Limits: one policy is built in, and it is the strictest: everybody's permission and guidance given.
"""

from __future__ import annotations

import msgspec

from recorder.words import N_


class PolicyInForce(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy that a recording is made under; named in its evidence."""

    id: str
    """Names the policy, the same in every language."""
    version: str
    """Changes whenever a condition does."""
    title: str
    """What a person calls it: an English message id, to be translated when shown."""


_CONSENT_OF_ALL = PolicyInForce(
    id="consent-of-all",
    version="1",
    title=N_("Recording with the permission of everyone, after guidance"),
)


def in_force() -> PolicyInForce:
    """Name the policy that applies now.

    Returns:
        The built-in policy.
    """
    return _CONSENT_OF_ALL
