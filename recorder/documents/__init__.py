# SPDX-License-Identifier: EUPL-1.2
"""The papers of a recording: made once, frozen, filed in the case."""
