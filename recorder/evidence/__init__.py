# SPDX-License-Identifier: EUPL-1.2
"""What proves, without this program, that a recording is whole and unaltered."""
