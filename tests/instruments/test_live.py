"""Over a real server: from the form to a snapshot, a server that dies while it receives, fifty a second in the small."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from house.installation import free_port, prepared
from instruments.live import Phone, kill, said, serving, setup, start, stored
from instruments.small_form import JPEG, filled, new_instance

_REVIEW = """
import json
from datetime import UTC, datetime
from marsad.audit.queries import verify_chain
from marsad.audit.rules import System
from marsad.collection.instruments.freezing import freeze_approved
from marsad.collection.instruments.models import Submission
from marsad.collection.instruments.operations_review import review
from marsad.collection.instruments.rules import Move
from marsad.collection.snapshots import read_table
now = datetime.now(UTC)
submissions = list(Submission.objects.order_by("received_at"))
review(actor=System("test"), at=now, submission_id=submissions[0].pk, move=Move.APPROVE)
review(actor=System("test"), at=now, submission_id=submissions[1].pk, move=Move.REJECT, reason="a test of the team")
found = {}
for dataflow in ("homes", "members"):
    snapshot = freeze_approved(actor=System("test"), at=now, dataflow=dataflow)
    table = read_table(snapshot.pk, actor=System("test"), at=now, purpose="production")
    found[dataflow] = [{k: v for k, v in row.items() if not isinstance(v, bytes)} for row in table.to_pylist()]
    found["lineage"] = snapshot.lineage["submissions"]
print(json.dumps(found | {"received": len(submissions), "sound": verify_chain().sound}))
"""


@pytest.mark.slow
def test_from_the_form_to_a_snapshot_over_http(tmp_path: Path) -> None:
    """And many at once, each stored once: one server for both, since its start takes longer than they do."""
    home = prepared(tmp_path / "home")
    with serving(home) as phone:
        session = phone.digest()
        listed = session.get(f"{phone.base}/openrosa/formList", timeout=30)
        assert listed.status_code == 200
        form = session.get(re.search(r"<downloadUrl>([^<]+)", listed.text)[1], timeout=30)
        assert "<h:html" in form.text
        head = session.head(f"{phone.base}/openrosa/submission", timeout=30)
        assert (head.status_code, head.headers["X-OpenRosa-Version"]) == (204, "1.0")
        xml = filled(home="<roof>roof.jpg</roof><card>AB 1</card><problems>damp</problems>")
        parts = {"xml_submission_file": ("s.xml", xml, "text/xml"), "roof.jpg": ("roof.jpg", JPEG, "image/jpeg")}
        sent = session.post(f"{phone.base}/openrosa/submission", files=parts, timeout=30)
        assert sent.status_code == 201, sent.text
        assert phone.send(session, filled(), token=False) == 201
        assert chunked(phone, filled()) == 201
        forms = [filled(new_instance()) for _ in range(60)]
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda xml: phone.send(requests.Session(), xml), forms + forms[:20]))
        assert statuses == [201] * 80
    found = said(home, _REVIEW)
    assert (found["received"], found["sound"]) == (3 + 60, True)
    [dwelling] = found["homes"]
    assert (dwelling["area"], dwelling["rooms"], dwelling["damp"]) == ("agdal", 3, True)
    assert "card" not in dwelling
    assert dwelling["card__pseudonym"]
    assert [(one["age"], one["sex"]) for one in found["members"]] == [(34, "woman"), (7, "man")]
    assert found["lineage"] == [["small", "1", 1]]


def chunked(phone: Phone, xml: bytes) -> int:
    """A submission without its length, as OpenRosa lets a client send it."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="s.xml"\r\n'
        b"Content-Type: text/xml\r\n\r\n" + xml + b"\r\n--x--\r\n"
    )
    answer = requests.post(
        f"{phone.base}/openrosa/{phone.token}/submission", data=iter([body[:200], body[200:]]),
        headers={"Content-Type": "multipart/form-data; boundary=x"}, timeout=30,
    )  # fmt: skip
    return answer.status_code


@pytest.mark.slow
def test_a_server_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    home = prepared(tmp_path / "home")
    secrets, port = setup(home), free_port()
    phone = Phone(f"http://127.0.0.1:{port}", **secrets)
    acknowledged: set[str] = set()
    tried: dict[str, bytes] = {}
    for enough in (3, 12):
        process = start(home, port)
        stop = threading.Event()

        def send(stop: threading.Event = stop) -> None:
            session = requests.Session()
            while not stop.is_set():
                instance = new_instance()
                tried[instance] = filled(instance)
                try:
                    if phone.send(session, tried[instance]) == 201:
                        acknowledged.add(instance)
                except requests.RequestException:
                    return

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        # By what was acknowledged, not by the clock: a busy machine answers later.
        until = time.monotonic() + 60
        while len(acknowledged) < enough and time.monotonic() < until:
            time.sleep(0.02)
        kill(process)
        stop.set()
        for thread in threads:
            thread.join()
    found = stored(home)
    assert acknowledged
    assert acknowledged <= set(found["ids"]) <= set(tried)
    process = start(home, port)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(lambda xml: phone.send(requests.Session(), xml), tried.values())) == {201}
    finally:
        kill(process)
    found = stored(home)
    assert sorted(found["ids"]) == sorted(tried)
    assert (found["submissions"], found["sound"]) == (len(tried), True)
