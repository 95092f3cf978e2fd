# SPDX-License-Identifier: EUPL-1.2
"""Collect the messages of the source and keep the Danish catalogue complete.

    scripts/words.py update   merge new messages into the .po, drop unused ones, compile the .mo
    scripts/words.py check    fail when a message is untranslated, unused, or loses a placeholder

How to add a text: write it in English inside ``_()``, ``N_()`` or ``ngettext()``; run ``make words``,
which lists what has no Danish yet; write that into ``modoptager.po``; run ``make words`` again.

Rules: the ``.po`` is the source of the Danish words and the ``.mo`` is made from it; both are
committed. The template (``.pot``) is never written: it is the source code itself.
"""

from __future__ import annotations

import ast
import datetime as dt
import io
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PACKAGES = ("recorder", "esdh_adapter")
KEYWORDS = {"_": 1, "N_": 1, "ngettext": 2}  # how many arguments are messages
_HEADER = "# SPDX-License-Identifier: EUPL-1.2\n# Modoptager's words in Danish. How to change them: scripts/words.py"
_SOME_DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # a date of its own would change in every run
_DATE_PART = re.compile(r"%[A-Za-z]")
_FEW = 10  # how many problems a check prints; `make words` prints all
CATALOGUE = ROOT / "recorder" / "locale" / "da" / "LC_MESSAGES" / "modoptager.po"


def extract(root: Path = ROOT) -> Catalog:
    """Collect every message that the source marks.

    Args:
        root: The folder that holds the packages.

    Returns:
        A catalogue without translations, in the order of the files.
    """
    template = Catalog(charset="utf-8")
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            for line, message in messages_in(path.read_text(encoding="utf-8")):
                template.add(message, None, [(place, line)])
    return template


def messages_in(source: str) -> Iterator[tuple[int, str | tuple[str, str]]]:
    """Find the marked messages of one file.

    The syntax tree is read, not the tokens: those of a call inside an f-string differ between
    versions of Python.

    Args:
        source: Python.

    Yields:
        The line and the message; singular and plural where there are two.

    Raises:
        ValueError: If an f-string is marked: no catalogue can hold it.
    """
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        wanted = node.args[: KEYWORDS.get(node.func.id, 0)]
        if any(isinstance(argument, ast.JoinedStr) for argument in wanted):
            raise ValueError(f"line {node.lineno}: an f-string is marked for translation")
        texts = [
            a.value for a in wanted if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        if len(texts) == 2:  # noqa: PLR2004 - singular and plural
            yield node.lineno, (texts[0], texts[1])
        elif texts and texts[0]:
            yield node.lineno, texts[0]


def read(path: Path = CATALOGUE) -> Catalog:
    """Read the Danish catalogue.

    Args:
        path: The ``.po`` file; a missing one is an empty catalogue.

    Returns:
        The catalogue.
    """
    if not path.exists():
        return Catalog(locale="da", project="Modoptager", charset="utf-8")
    return read_po(io.BytesIO(path.read_bytes()), locale="da")


def problems_of(template: Catalog, danish: Catalog, compiled: bytes) -> list[str]:
    """Compare the source, the catalogue and the compiled catalogue.

    Args:
        template: What the source marks.
        danish: What the ``.po`` holds.
        compiled: The bytes of the ``.mo``.

    Returns:
        One sentence for every problem.
    """
    problems: list[str] = []
    wanted = {message.id for message in template if message.id}
    for message in template:
        if message.id:
            problems += _untranslated(message, danish.get(message.id))
    for message in danish:
        if message.id and message.id not in wanted:
            problems.append(f"unused: {message.id!r}")
    problems += [f"unused: {key!r}" for key in danish.obsolete]
    if _texts(read_mo(io.BytesIO(compiled)) if compiled else Catalog()) != _texts(danish):
        problems.append("the .mo is not what the .po says: run `make words`")
    return problems


def _texts(catalogue: Catalog) -> dict[object, object]:
    return {m.id: m.string for m in catalogue if m.id and _is_complete(m)}


def _strings(message: Message) -> list[str]:
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return [text or "" for text in texts]


def _is_complete(message: Message) -> bool:
    return not message.fuzzy and all(_strings(message))


def _untranslated(wanted: Message, found: Message | None) -> Iterator[str]:
    place = "{}:{}".format(*wanted.locations[0]) if wanted.locations else "?"
    if found is None or not _is_complete(found):
        yield f"{place}: no Danish for {wanted.id!r}"
        return
    ids = list(wanted.id) if isinstance(wanted.id, (list, tuple)) else [wanted.id]
    for number, danish in enumerate(_strings(found)):
        # The form for one may spell the number out, so each Danish form follows its English one.
        english = ids[min(number, len(ids) - 1)]
        if placeholders(english) != placeholders(danish):
            yield f"{place}: other placeholders than in {english!r}: {danish!r}"


def placeholders(text: str) -> set[str]:
    """Find what is put into a message when it is shown.

    Args:
        text: A message with ``{name}`` places or the directives of a date.

    Returns:
        The places with their format; a text whose braces do not match has the single place ``!``.
    """
    try:
        places = [place[1:] for place in string.Formatter().parse(text) if place[1]]
    except ValueError:
        return {"!"}
    return {f"{name}!{how}:{spec}" for name, spec, how in places} | set(_DATE_PART.findall(text))


def update(path: Path = CATALOGUE) -> list[str]:
    """Merge the source's messages into the catalogue and compile it.

    Args:
        path: The ``.po`` file; the ``.mo`` lies beside it.

    Returns:
        What is still missing.
    """
    template, danish = extract(), read(path)
    danish.update(template, no_fuzzy_matching=True)
    danish.obsolete.clear()
    return problems_of(template, danish, write(danish, path))


def write(danish: Catalog, path: Path = CATALOGUE) -> bytes:
    """Write the catalogue and what is compiled from it, the same bytes for the same words.

    Args:
        danish: The catalogue.
        path: The ``.po`` file; the ``.mo`` lies beside it.

    Returns:
        The bytes of the ``.mo``.
    """
    danish.header_comment = _HEADER
    danish.fuzzy = False
    danish.version, danish.msgid_bugs_address = "", ""
    danish.last_translator = danish.language_team = "The Modoptager maintainers"
    danish.creation_date = danish.revision_date = _SOME_DAY
    text, binary = io.BytesIO(), io.BytesIO()
    # Without line numbers, a moved line is no change.
    write_po(text, danish, width=100, include_lineno=False, sort_output=True)
    write_mo(binary, danish)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue())
    path.with_suffix(".mo").write_bytes(binary.getvalue())
    return binary.getvalue()


def main(argument: str) -> int:
    """Update or check the catalogue of this clone and print what is wrong.

    Args:
        argument: ``update`` or ``check``.

    Returns:
        The exit code: 0 when nothing is wrong.
    """
    if argument == "update":
        problems = update()
    else:
        binary = CATALOGUE.with_suffix(".mo")
        problems = problems_of(extract(), read(), binary.read_bytes() if binary.exists() else b"")
    for problem in problems if argument == "update" else problems[:_FEW]:
        print(problem, file=sys.stderr)
    print(f"{len(problems)} open in {CATALOGUE.relative_to(ROOT)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
