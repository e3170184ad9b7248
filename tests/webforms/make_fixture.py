"""Writes ``sealed_by_browser.bin`` again, with the code that pages run (needs Node and the front end's packages)."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

from tests.webforms.browser_record import ABOUT, FILES, FOLDER, KEYS, LABEL

REPOSITORY = FOLDER.parents[1]


def sealed_in_node(key: str, label: dict[str, str]) -> bytes:
    """The record of ``browser_record`` sealed by the front end's own code."""
    asked = json.dumps({"key": key, "label": label, "about": ABOUT, "files": FILES})
    script = REPOSITORY / "frontend" / "tests" / "seal.mjs"
    done = subprocess.run(["node", str(script)], input=asked.encode(), capture_output=True, timeout=60, check=True)
    return base64.b64decode(done.stdout)


def sealed_now() -> bytes:
    point = base64.urlsafe_b64encode(KEYS.point).decode().rstrip("=")
    return sealed_in_node(point, {**LABEL, "key": KEYS.code})


def main(folder: Path = FOLDER) -> None:
    (folder / "sealed_by_browser.bin").write_bytes(sealed_now())


if __name__ == "__main__":
    main()
