# SPDX-License-Identifier: EUPL-1.2
"""Strict conversion of what came from outside (TOML, JSON) into typed structs, with every problem.

``msgspec.convert`` stops at the first error; people want the whole list. So the value is walked
along the type first, each problem collected as a sentence that says what is allowed, and only a
value without problems is converted.

Rules:

* Unknown keys are problems; no type is guessed (``"1"`` is no number, ``true`` is not 1).
* Text is one line without control, direction or other invisible characters, unless its type says
  ``Meta(extra={"multiline": True})``: such characters make a text read as what it is not.
* ``Meta(extra={"rule": function})`` adds a rule: the function gets the value and returns a
  translated sentence, or None where the value is fine.
* Messages never repeat the value: it may be personal.

Limits: structs, tuples and lists of one type, optional values, enums, literals, text, whole
numbers, booleans and instants. The walk goes as deep as the type, whatever the value.
"""

from recorder.strict.decode import Parsed, decode_all, parse_json
from recorder.strict.mend import DROP, mended
from recorder.strict.problem import MOST_PROBLEMS, Keys, Problem, did_you_mean, show_path
from recorder.strict.walk import convert_all

__all__ = [
    "DROP",
    "MOST_PROBLEMS",
    "Keys",
    "Parsed",
    "Problem",
    "convert_all",
    "decode_all",
    "did_you_mean",
    "mended",
    "parse_json",
    "show_path",
]
