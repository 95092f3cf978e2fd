# SPDX-License-Identifier: EUPL-1.2
"""When and how often a call to an archive is made again (``stamina`` does the waiting).

An unknown outcome is never tried again at once: the archive needs its visibility delay first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import stamina
import stamina.instrumentation

from esdh_adapter.errors import EsdhError, UnknownOutcomeError

# It would log every try to standard error; who calls is told by the error in the end.
stamina.instrumentation.set_on_retry_hooks(())


@dataclass(frozen=True)
class RetryPolicy:
    """How often to try, and how long to wait between."""

    attempts: int = 3
    """In all; 1 means no second try."""
    first_wait: float = 0.5
    """Seconds before the second try; doubled each time."""
    max_wait: float = 10.0
    """Seconds between two tries at most."""

    def contexts(self) -> Iterator[stamina.Attempt]:
        """Give one context for each try; leave the loop when one succeeded.

        Returns:
            Contexts that swallow a retryable error while there are tries left, and wait.
        """
        return iter(
            stamina.retry_context(
                on=is_worth_another_try,
                attempts=self.attempts,
                timeout=None,
                wait_initial=self.first_wait,
                wait_max=self.max_wait,
                # Hundreds of laptops come back together after an outage.
                wait_jitter=self.first_wait,
            )
        )


def is_worth_another_try(error: Exception) -> bool:
    """Tell whether the same call may go well a moment later.

    Args:
        error: What the call raised.

    Returns:
        Whether to try again.
    """
    return (
        isinstance(error, EsdhError)
        and error.is_retryable
        and not isinstance(error, UnknownOutcomeError)
    )
