# SPDX-License-Identifier: EUPL-1.2
"""What the tool costs, each figure beside its peer in the same run (``make bench``)."""
