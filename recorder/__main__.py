# SPDX-License-Identifier: EUPL-1.2
"""``python -m recorder`` is ``modoptager``."""

from recorder.cli import main

if __name__ == "__main__":
    main()
