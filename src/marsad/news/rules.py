"""A message on each release: who asked for it, and what a link in it may do."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

# An address that nobody confirms is forgotten, and its link with it.
CONFIRMED_WITHIN: Final = timedelta(days=3)
# Asked for again sooner, nothing is sent: nobody fills another's mailbox from this page.
ASKED_AGAIN_AFTER: Final = timedelta(hours=1)
# A message lists so many editions; the page of datasets holds them all.
MOST_LISTED: Final = 20
