# SPDX-License-Identifier: EUPL-1.2
"""The single values: what is wrong with one, and in words what its type allows."""

from __future__ import annotations

import datetime as dt
import difflib
import unicodedata

import msgspec
from msgspec import inspect

from recorder.strict.problem import LONGEST_KEY
from recorder.words import _

# Joiners that Persian, Hindi and other names are spelled with; harmless in one line.
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def leaf_problem(value: object, kind: inspect.Type, *, is_multiline: bool) -> str | None:
    """Say what is wrong with a single value.

    Args:
        value: The value.
        kind: What it should be.
        is_multiline: Whether a text may have line breaks and tabs.

    Returns:
        A translated sentence, or None where the value is fine.

    Raises:
        TypeError: If the type is not one that this package knows; a mistake of the program.
    """
    match kind:
        case inspect.StrType():
            if not isinstance(value, str):
                return must_be(kind)
            return _length_problem(value, kind) or _character_problem(
                value, is_multiline=is_multiline
            )
        case inspect.IntType():
            is_number = isinstance(value, int) and not isinstance(value, bool)
            return None if is_number and _is_within(value, kind) else must_be(kind)
        case inspect.BoolType():
            return None if isinstance(value, bool) else must_be(kind)
        case inspect.EnumType() | inspect.LiteralType():
            # True == 1, so the type counts too.
            is_one = any(type(value) is type(one) and value == one for one in _choices(kind))
            return None if is_one else _choice_problem(value, kind)
        case inspect.DateTimeType():
            return None if _is_instant(value) else must_be(kind)
        case _:
            raise TypeError(f"type is not supported: {kind}")


def _length_problem(text: str, kind: inspect.StrType) -> str | None:
    if kind.max_length is not None and len(text) > kind.max_length:
        return _("is {count} characters long; allowed: at most {most}").format(
            count=len(text), most=kind.max_length
        )
    return None


def _character_problem(text: str, *, is_multiline: bool) -> str | None:
    fine = _JOINERS + ("\n\r\t" if is_multiline else "")
    for place, character in enumerate(text, start=1):
        if unicodedata.category(character) in _INVISIBLE and character not in fine:
            return _(
                "has an invisible or control character (U+{code:04X}) in place {place}; "
                "type the text again without it"
            ).format(code=ord(character), place=place)
    return None


def _is_within(value: object, kind: inspect.IntType) -> bool:
    assert isinstance(value, int)
    low, high = kind.ge, kind.le
    return (low is None or value >= low) and (high is None or value <= high)


def _is_instant(value: object) -> bool:
    """RFC 3339 with an offset: a time without one is a different instant on another computer."""
    try:
        instant = msgspec.convert(value, dt.datetime)
    except msgspec.ValidationError:
        return False
    return instant.tzinfo is not None


def _choices(kind: inspect.EnumType | inspect.LiteralType) -> tuple[object, ...]:
    if isinstance(kind, inspect.EnumType):
        return tuple(member.value for member in kind.cls)
    return tuple(kind.values)


def _choice_problem(value: object, kind: inspect.EnumType | inspect.LiteralType) -> str:
    names = [one for one in _choices(kind) if isinstance(one, str)]
    given = value[:LONGEST_KEY].lower() if isinstance(value, str) else ""
    close = difflib.get_close_matches(given, names, n=1)
    if close:
        return _('must be {allowed}; did you mean "{close}"?').format(
            allowed=allowed(kind), close=close[0]
        )
    return must_be(kind)


def must_be(kind: inspect.Type) -> str:
    """Say what a value must be.

    Args:
        kind: Its type.

    Returns:
        A translated sentence.
    """
    return _("must be {allowed}").format(allowed=allowed(kind))


def allowed(kind: inspect.Type) -> str:
    """Say in words what a type allows.

    Args:
        kind: The type.

    Returns:
        Translated words that complete "must be …".
    """
    match kind:
        case inspect.Metadata():
            words = allowed(kind.type)
        case inspect.UnionType():
            words = allowed(next(t for t in kind.types if not isinstance(t, inspect.NoneType)))
        case inspect.StructType():
            names = ", ".join(field.encode_name for field in kind.fields)
            words = _("a table or object with: {allowed}").format(allowed=names)
        case inspect.EnumType() | inspect.LiteralType():
            names = ", ".join(str(one) for one in _choices(kind))
            words = _("one of: {allowed}").format(allowed=names)
        case inspect.IntType(ge=int() as low, le=int() as high):
            words = _("a whole number from {low} to {high}").format(low=low, high=high)
        case _:
            words = _simple(kind)
    return words


def _simple(kind: inspect.Type) -> str:
    match kind:
        case inspect.ListType() | inspect.VarTupleType():
            return _("a list")
        case inspect.BoolType():
            return _("true or false")
        case inspect.IntType():
            return _("a whole number")
        case inspect.DateTimeType():
            return _("a date and time with time zone, such as 2026-03-02T10:15:00+01:00")
        case _:
            return _("text")
