# SPDX-License-Identifier: EUPL-1.2
"""What talks to an ESDH (case and document handling); knows nothing of the recorder.

Start with ``registry.open_store``. ``store`` is what programs use, ``driver`` what a new system
implements, ``testing`` the suite that every driver passes. Importing the package imports none of
its modules: the recorder's ground needs ``durable`` alone, and must start quickly.
"""

from __future__ import annotations

__all__ = [
    "driver",
    "durable",
    "errors",
    "folder",
    "memory",
    "registry",
    "store",
    "testing",
    "testing_lies",
]
