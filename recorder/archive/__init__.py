# SPDX-License-Identifier: EUPL-1.2
"""The steps after a recording, in their order: seal, deliver, read back, wipe, complete."""
