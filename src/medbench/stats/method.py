"""How the intervals of a summary are computed, in one line."""

from __future__ import annotations

from typing import Final

METHOD: Final = "statistics:1|bca:10000|parts:2000|seed:1|rates:wilson|level:.95"
"""Raised with every change by which an interval of a run gets other digits.

It stands here since signatures are compared far more often than intervals are computed.
"""
