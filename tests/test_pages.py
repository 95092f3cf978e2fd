# SPDX-License-Identifier: EUPL-1.2
"""The written documents: links lead somewhere, what is generated is fresh, the demo speech is right."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from scripts.check_docs import ROOT, anchors, broken_links, pages


def test_there_are_documents_to_check() -> None:
    assert {"README.md", "CONTRIBUTING.md", "dependencies.md"} <= {page.name for page in pages()}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Here\n[a](gone.md) [b](#here) [c](#there) ![d](x.svg) [e](mailto:a@b.example)"
    )
    assert [problem.partition(": ")[2] for problem in broken_links(page)] == [
        "leads nowhere: gone.md",
        "no such heading: #there",
        "leads nowhere: x.svg",
    ]


def test_a_heading_inside_an_example_is_no_place() -> None:
    assert anchors("## What `a` does\n```\n# comment\n```\n") == {"what-a-does"}


def test_the_demo_speech_is_short_and_as_a_microphone_would_give_it() -> None:
    path = ROOT / "recorder" / "cli" / "demo_speech.flac"
    speech = soundfile.info(path)
    assert (speech.samplerate, speech.channels, speech.subtype) == (48000, 1, "PCM_16")
    assert 5 < speech.duration <= 9
    assert path.stat().st_size < 600_000
