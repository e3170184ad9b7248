"""The words of the store: states, steps, rules, kinds, and what is said when something is refused."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.collection.rules_store import ErasureRule, GlassMove, GlassState, Sensitivity, SnapshotState

Words = dict[str, Promise | str]

SNAPSHOT_STATES: Words = {SnapshotState.FROZEN: _("Frozen"), SnapshotState.ERASED: _("Erased")}
SENSITIVITIES: Words = {
    Sensitivity.INTERNAL: _("Internal"),
    Sensitivity.PERSONAL: _("Personal"),
    Sensitivity.SENSITIVE: _("Sensitive"),
}
GLASS_STATES: Words = {
    GlassState.ASKED: _("Waits for a second person"),
    GlassState.GRANTED: _("Granted"),
    GlassState.REFUSED: _("Refused"),
    GlassState.CLOSED: _("Closed"),
    GlassState.EXPIRED: _("Expired"),
}
GLASS_MOVES: Words = {
    GlassMove.GRANT: _("Grant for one hour"),
    GlassMove.REFUSE: _("Refuse"),
    GlassMove.CLOSE: _("Close"),
}
ERASURE_RULES: Words = {
    ErasureRule.RETENTION: _("End of the retention"),
    ErasureRule.REQUEST: _("A person’s request"),
    ErasureRule.RESTORE: _("An older copy brought back"),
}
# Where rows were erased, as a certificate counts them.
PLACES: Words = {
    "snapshots": _("Snapshots"),
    "deliveries": _("Files of deliveries"),
    "instruments": _("Submissions"),
    "fieldwork": _("Fieldwork"),
}
LOOK_KINDS: Words = {"read": _("Reading by the system"), "look": _("Look by a person")}
ROLES: Words = {
    "direct_identifier": _("Direct identifier (kept as a pseudonym)"),
    "quasi_identifier": _("Quasi-identifier"),
    "attribute": _("Attribute"),
    "measure": _("Measure"),
    "area": _("Area"),
    "period": _("Period"),
    "weight": _("Weight"),
}
# What the system itself writes into the access log as ground of a reading; what persons write stands as they wrote it.
GROUNDS: Words = {
    "erasure": _("erasure of a person"),
    "inspection": _("a look at rows"),
    "fieldwork": _("fieldwork"),
    "estimation": _("estimation"),
    "linkage": _("linkage of lists"),
    "production": _("computing of a run"),
    "clerical review of a linkage": _("clerical review of a linkage"),
}
REFUSALS: Words = {
    "access.reason": _("Say in ten characters or more why the rows are needed."),
    "access.role": _("Your account does not look at rows."),
    "erasure.pseudonym": _(
        "Give pseudonyms alone, each of 32 letters and digits, one on each line. Never write a name here."
    ),
    "erasure.unsaid": _("Say at least one thing that tells the person."),
    "erasure.request": _("Only a granted request for erasure or opposition lets rows be erased."),
    "firewall.enforcement": _(
        "Whoever acts for law enforcement receives what is published and nothing else. This was counted."
    ),
    "glass.closed": _("Nothing is granted: ask, and have a second person grant it."),
    "glass.expired": _("Its time has passed. Ask again."),
    "glass.move": _("The request has moved on meanwhile: this step is not open any more."),
    "glass.other": _("Only the person who asked can look."),
    "glass.second": _("A second person decides, not the one who asked."),
    "keys.master_lost": _("The master key is not here: the snapshot cannot be read."),
    "keys.erased": _("The key of this snapshot was erased: nothing can read it."),
    "snapshot.erased": _("This snapshot was erased."),
    "snapshot.missing": _("Files of this snapshot are missing. Bring the last sound backup back."),
    "snapshot.changed": _("Files of this snapshot were changed. Bring the last sound backup back."),
}
