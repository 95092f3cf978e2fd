# SPDX-License-Identifier: EUPL-1.2
"""Runs the capture process."""

import sys

from recorder.capture.process import main

if __name__ == "__main__":
    sys.exit(main())
