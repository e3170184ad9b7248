"""One record as a page seals it: what stands in clear on it, and what is inside."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from marsad.collection.instruments.sealed import RecordKeys

FOLDER = Path(__file__).parent
RECORD = UUID("6f0d2c6e-6d5d-4a51-9f57-0c6c1df2c001")
OWNER = "9d4b6a1f2c3e4d5f60718293a4b5c6d7"
LABEL = {"record": str(RECORD), "owner": OWNER}
ABOUT = {"form": "trial", "version": "1"}
XML = '<trial id="trial" version="1"><first_name>سعاد</first_name></trial>'
FILES = [
    {"name": "record.xml", "type": "text/xml", "text": XML},
    {"name": "roof.jpg", "type": "image/jpeg", "text": "not really a picture"},
]
# A key for this file alone: everybody may know it.
KEYS = RecordKeys((ec.derive_private_key(20260302, ec.SECP256R1()),))
