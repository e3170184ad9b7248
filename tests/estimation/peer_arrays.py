"""Reading of the peers' results for tests of flows and small areas: R arrays, tables, agreement in digits."""

import csv
import json

import numpy as np


def flows_reference(folder):
    return json.loads((folder / "flows" / "flows_reference.json").read_text("utf-8"))


def sae_reference(folder):
    return json.loads((folder / "sae" / "sae_reference.json").read_text("utf-8"))


def array_of(entry):
    """An R array: first index fastest."""
    return np.array(entry["colmajor"], dtype=float).reshape(entry["dim"], order="F")


def columns(path, *names):
    """Columns of a CSV file as arrays, numbers where they are numbers."""
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    found = []
    for name in names:
        cells = [row[name] for row in rows]
        try:
            found.append(np.array([float(cell) for cell in cells]))
        except ValueError:
            found.append(np.array(cells))
    return found


def apart(ours, theirs):
    """Largest difference relative to the largest value."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    return float(np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-300))
