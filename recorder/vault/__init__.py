# SPDX-License-Identifier: EUPL-1.2
"""The local store: encrypted from the first byte, append-only, safe against crashes, erasable."""
