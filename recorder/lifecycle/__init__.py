# SPDX-License-Identifier: EUPL-1.2
"""What can happen to a recording, in which order, and what it amounts to. Pure: no IO."""
