"""Telling the pseudonyms of a person to who knows the person, so that a request for erasure can find the rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.keys import keys_for
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.queries_dataflows import collected_dataflow, identifying_columns, structure_of
from migstat.model.refusals import Refused


@writes("collection.tell_pseudonyms", using="confidential")
def tell_pseudonyms(*, actor: Actor, at: datetime, dataflow: str, said: Mapping[str, str]) -> tuple[str, ...]:
    """The pseudonyms under which rows of a dataflow hold what is said of a person: column to text, a day as 1990-04-30.

    Nothing of it is kept; that it was asked stands in the audit log. Raises ``Refused``: ``collection.dataflow``,
    ``erasure.unsaid`` where nothing is said of the columns that tell a person.
    """
    flow, structure = collected_dataflow(dataflow), structure_of(dataflow)
    keys = keys_for(flow.purpose)
    wanted = [name for name in identifying_columns(flow) if said.get(name, "").strip()]
    found = (pseudonym_of(said[name], structure.column(name).kind, keys) for name in wanted)
    told = tuple(dict.fromkeys(one for one in found if one))
    if not told:
        raise Refused("erasure.unsaid", found="nothing that tells a person", remedy="say what your own list holds")
    record(
        actor=actor, action="collection.tell_pseudonyms", target=f"dataflow:{flow.code}", at=at,
        details={"columns": len(wanted)},
    )  # fmt: skip
    return told
