# SPDX-License-Identifier: EUPL-1.2
"""The suite's own guard: no test reaches another computer."""

from __future__ import annotations

import os
import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "8.8.8.8"])
def test_connecting_to_another_computer_is_refused(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(AssertionError, match="run offline"):
        client.connect((host, 443))


def test_looking_up_a_name_is_refused() -> None:
    with pytest.raises(AssertionError, match="run offline"):
        socket.create_connection(("archive.example", 443))


def test_this_computer_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_no_setting_of_this_computer_reaches_a_test() -> None:
    assert not [name for name in os.environ if name.startswith("MODOPTAGER_")]
