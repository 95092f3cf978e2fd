# SPDX-License-Identifier: EUPL-1.2
"""The one border where what the operating system raises becomes an error of this package.

Rule: no path goes into a message; in a folder archive paths hold case numbers.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from esdh_adapter.errors import N_, DeniedError, EsdhError, RefusedError, UnavailableError

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_REFUSED = frozenset({errno.EFBIG, errno.ENAMETOOLONG, errno.EINVAL})
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR})


def translated(error: OSError) -> EsdhError:
    """Say in this package's words what the operating system said.

    Args:
        error: What it raised.

    Returns:
        The error to raise in its place.
    """
    code = error.errno
    if code in _FULL:
        return UnavailableError(N_("the archive's disk is full"))
    if code == errno.EROFS:
        return DeniedError(N_("the archive's folder is write-protected"))
    if code in _DENIED:
        return DeniedError(N_("this account may not use the archive's folder"))
    if code in _REFUSED:
        return RefusedError(N_("the archive's file system does not take such a file"))
    if code in _MISSING:
        return UnavailableError(
            N_("the archive's folder is not there; is a network drive missing?")
        )
    name = errno.errorcode.get(code, str(code)) if code else type(error).__name__
    return UnavailableError(N_("the archive's folder does not answer ({code})"), code=name)


@contextmanager
def translating() -> Iterator[None]:
    """Translate what the operating system raises in the body.

    Yields:
        Nothing.

    Raises:
        EsdhError: In place of ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise translated(error) from error
