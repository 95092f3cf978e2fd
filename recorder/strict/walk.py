# SPDX-License-Identifier: EUPL-1.2
"""Walks a value along its type, collects every problem, and converts what has none.

Rules and limits: see the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from msgspec import inspect

from recorder.strict.leaf import allowed, leaf_problem, must_be
from recorder.strict.problem import MOST_PROBLEMS, Keys, Problem, did_you_mean, show_path
from recorder.words import _, printable

T = TypeVar("T")


def convert_all(value: object, type_: type[T], *, name: str = "") -> tuple[T | None, list[Problem]]:
    """Convert a value from outside, or list everything that is wrong with it.

    Args:
        value: Dictionaries, lists, texts, numbers, booleans, instants and None.
        type_: What it should be: mostly a ``msgspec.Struct`` that forbids unknown fields.
        name: What the whole is called in front of each path; may be empty.

    Returns:
        The converted value and no problem, or None and at least one problem.
    """
    walk = _Walk(name)
    walk.visit(value, inspect.type_info(type_), ())
    if walk.problems:
        return None, walk.problems
    try:
        return msgspec.convert(value, type_), []
    except msgspec.ValidationError as error:  # a bound that the walk does not know
        return None, [Problem(name, printable(str(error)))]


class _Walk:
    """Walks a value along its type and collects problems."""

    def __init__(self, name: str) -> None:
        self.problems: list[Problem] = []
        self._name = name

    @property
    def is_full(self) -> bool:
        return len(self.problems) >= MOST_PROBLEMS

    def note(self, keys: Keys, message: str, *, is_unknown_key: bool = False) -> None:
        if not self.is_full:
            path = show_path(keys, self._name)
            self.problems.append(Problem(path, message, keys, is_unknown_key))

    def visit(self, value: object, kind: inspect.Type, keys: Keys) -> None:
        extra: Mapping[str, object] = {}
        if isinstance(kind, inspect.Metadata):
            extra, kind = kind.extra or {}, kind.type
        match kind:
            case inspect.UnionType():
                self._visit_optional(value, kind, keys)
            case inspect.StructType():
                self._visit_struct(value, kind, keys)
            case inspect.ListType() | inspect.VarTupleType():
                self._visit_list(value, kind, keys)
            case _:
                message = leaf_problem(value, kind, is_multiline=bool(extra.get("multiline")))
                rule = extra.get("rule")
                if message is None and callable(rule):
                    message = rule(value)
                if message is not None:
                    self.note(keys, message)

    def _visit_optional(self, value: object, kind: inspect.UnionType, keys: Keys) -> None:
        others = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        if len(others) != 1:
            raise TypeError(f"only optional values are supported, not {kind}")
        if value is not None:
            self.visit(value, others[0], keys)

    def _visit_struct(self, value: object, kind: inspect.StructType, keys: Keys) -> None:
        known = {field.encode_name: field for field in kind.fields}
        if not isinstance(value, dict):
            self.note(keys, must_be(kind))
            return
        for key in value:
            if self.is_full:
                return
            if key not in known:
                message = did_you_mean(str(key), list(known))
                self.note((*keys, str(key)), message, is_unknown_key=True)
        for key, field in known.items():
            if key in value:
                self.visit(value[key], field.type, (*keys, key))
            elif field.required:
                message = _("is missing; it must be {allowed}").format(allowed=allowed(field.type))
                self.note((*keys, key), message)

    def _visit_list(
        self, value: object, kind: inspect.ListType | inspect.VarTupleType, keys: Keys
    ) -> None:
        if not isinstance(value, list | tuple):
            self.note(keys, must_be(kind))
            return
        count = len(value)
        if kind.max_length is not None and count > kind.max_length:
            message = _("has {count} entries; allowed: at most {most}")
            self.note(keys, message.format(count=count, most=kind.max_length))
        if kind.min_length is not None and count < kind.min_length:
            message = _("has {count} entries; allowed: at least {least}")
            self.note(keys, message.format(count=count, least=kind.min_length))
        for index, item in enumerate(value[: kind.max_length]):
            if self.is_full:
                return
            self.visit(item, kind.item_type, (*keys, index))
