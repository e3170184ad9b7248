"""Tables that cannot be undone, proved before they leave: suppression, audit, ledger, and the other ways to protect."""

from migstat.disclosure.audit import AuditReport, Exposure, audit
from migstat.disclosure.ledger import Ledger
from migstat.disclosure.policy import DisclosurePolicy
from migstat.disclosure.primary import primary_suppression
from migstat.disclosure.protect import (
    Approval,
    ProtectedTable,
    ReleasedTable,
    adopt,
    append,
    append_bounds,
    entries_of,
    protect,
    release,
)
from migstat.disclosure.secondary import Effort, secondary_suppression
from migstat.disclosure.system import CellSystem, link, system_of

__all__ = [
    "Approval",
    "AuditReport",
    "CellSystem",
    "DisclosurePolicy",
    "Effort",
    "Exposure",
    "Ledger",
    "ProtectedTable",
    "ReleasedTable",
    "adopt",
    "append",
    "append_bounds",
    "audit",
    "entries_of",
    "link",
    "primary_suppression",
    "protect",
    "release",
    "secondary_suppression",
    "system_of",
]
