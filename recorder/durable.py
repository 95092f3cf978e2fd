# SPDX-License-Identifier: EUPL-1.2
"""The one durable write, handed on from ``esdh_adapter.durable`` (both packages need it)."""

from esdh_adapter.durable import (
    DurableFile,
    Kind,
    Moment,
    Operation,
    call,
    make_directory,
    passing,
    remove_directory,
    rename_exclusive,
    sync_directory,
    sync_existing,
    unlink,
    watch,
    write_file,
)

__all__ = [
    "DurableFile",
    "Kind",
    "Moment",
    "Operation",
    "call",
    "make_directory",
    "passing",
    "remove_directory",
    "rename_exclusive",
    "sync_directory",
    "sync_existing",
    "unlink",
    "watch",
    "write_file",
]
