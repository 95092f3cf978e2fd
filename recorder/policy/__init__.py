# SPDX-License-Identifier: EUPL-1.2
"""The municipality's guideline: what must hold before, during and after a recording."""

from recorder.policy.conditions import require
from recorder.policy.model import PolicyInForce, in_force

__all__ = ["PolicyInForce", "in_force", "require"]
