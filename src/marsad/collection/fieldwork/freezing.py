"""The recruitment of a network becomes a snapshot of its own dataflow, beside the interviews, joined by pseudonyms."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from marsad.audit.rules import Actor
from marsad.collection.fieldwork import queries_networks
from marsad.collection.queries_dataflows import collected_dataflow
from marsad.collection.snapshots import Lineage, Snapshot, freeze
from migstat.model.refusals import Refused

RECRUITMENT: Final = "rds-recruitment"


def freeze_recruitment(*, actor: Actor, at: datetime, network_code: str) -> Snapshot:
    """Freeze who came by whose coupon, as it stands now.

    Raises ``Refused``: ``fieldwork.network``, ``fieldwork.no_participant``, ``fieldwork.synthetic``,
    ``fieldwork.purpose`` where the two dataflows would not have the same pseudonyms, and what the store raises.
    """
    network = queries_networks.network(network_code)
    if network is None:
        raise Refused("fieldwork.network", found="an unknown network", remedy="choose one of the list")
    flow, answers = collected_dataflow(RECRUITMENT), collected_dataflow(network.dataflow)
    if flow.is_synthetic != network.is_synthetic:
        raise Refused("fieldwork.synthetic", found="invented chains beside real ones", remedy="keep them apart")
    if flow.purpose != answers.purpose:
        raise Refused("fieldwork.purpose", found="another purpose than the interviews'", remedy="give both one purpose")
    table = queries_networks.recruitment_table(network.pk)
    if not table.num_rows:
        raise Refused("fieldwork.no_participant", found="a network without participants", remedy="recruit first")
    lineage = Lineage(submissions=((f"network-{network.pk}", "recruitment", table.num_rows),))
    return freeze(actor=actor, at=at, dataflow=RECRUITMENT, batches=table.to_batches(), lineage=lineage)
