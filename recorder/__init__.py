# SPDX-License-Identifier: EUPL-1.2
"""Modoptager: records a meeting with consent, archives it, proves it, and only then wipes it."""

__version__ = "0.1.0"
