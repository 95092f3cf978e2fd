# SPDX-License-Identifier: EUPL-1.2
"""Check the documents: every relative link leads somewhere, every generated file is fresh.

Rules: offline, so links to the web are not followed; every problem is listed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from recorder.meeting.schema import schema_text

ROOT = Path(__file__).parent.parent
_LINK = re.compile(r"(?<!\!)\[[^\]]*\]\((?P<target>[^)\s]+)\)|!\[[^\]]*\]\((?P<image>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(?P<text>.+?) *#*$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def pages(root: Path = ROOT) -> list[Path]:
    """List the documents of a clone.

    Args:
        root: The clone.

    Returns:
        Every Markdown file at the top and under ``docs/``.
    """
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def anchors(text: str) -> set[str]:
    """Name the places that a link into a page can lead to.

    Args:
        text: The page in Markdown.

    Returns:
        The anchors, made as the usual forges make them from headings.
    """
    found = set()
    for heading in _HEADING.finditer(_FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", heading["text"].lower())
        found.add(plain.replace(" ", "-"))
    return found


def broken_links(page: Path) -> list[str]:
    """Follow every relative link of a page.

    Args:
        page: A Markdown file.

    Returns:
        One sentence for every link that leads nowhere.
    """
    text = page.read_text(encoding="utf-8")
    problems = []
    for link in _LINK.finditer(_FENCE.sub("", text)):
        target = link["target"] or link["image"]
        if re.match(r"[a-z]+:", target):
            continue
        path, _hash, anchor = target.partition("#")
        there = page.parent / path if path else page
        if not there.exists():
            problems.append(f"{page.name}: leads nowhere: {target}")
        elif anchor and anchor not in anchors(there.read_text(encoding="utf-8")):
            problems.append(f"{page.name}: no such heading: {target}")
    return problems


def main() -> int:
    """Print what is wrong with the documents of this clone.

    Returns:
        The exit code: 0 when nothing is.
    """
    problems = [problem for page in pages() for problem in broken_links(page)]
    schema = ROOT / "docs" / "meeting.schema.json"
    if schema.read_text(encoding="utf-8") != schema_text():
        problems.append(f"{schema.name}: run `python -m recorder.meeting.schema > {schema.name}`")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
