# SPDX-License-Identifier: EUPL-1.2
"""Prints the meeting's JSON Schema: ``python -m recorder.meeting.schema``.

The published copy is ``docs/meeting.schema.json`` (draft 2020-12). It describes a *complete*
meeting, so it requires the permission and guidance that a meeting in preparation may lack.
"""

from __future__ import annotations

import json
import sys

import msgspec

from recorder.meeting.model import Guidance, Meeting, Participant, Permission

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

# These two may be absent while the meeting is prepared, never when it is recorded.
_NEEDED_TO_RECORD = {Participant: ("permission", Permission), Meeting: ("guidance", Guidance)}


def schema_text() -> str:
    """Write the schema of a complete meeting.

    Returns:
        JSON, indented, ending in a line break.
    """
    (_reference,), definitions = msgspec.json.schema_components(
        [Meeting], ref_template="#/$defs/{name}"
    )
    for owner, (field, type_) in _NEEDED_TO_RECORD.items():
        definition = definitions[owner.__name__]
        definition["required"].append(field)
        definition["properties"][field] = {"$ref": f"#/$defs/{type_.__name__}"}
    whole = {"$schema": _DIALECT, "$ref": "#/$defs/Meeting", "$defs": definitions}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
