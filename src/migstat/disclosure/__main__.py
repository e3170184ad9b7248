"""``python -m migstat.disclosure audit table.csv policy.toml``: audit anyone's table.

The CSV has one row per cell: a column for each dimension, ``value``, ``status`` (published or withheld) and, where the
rules need them, ``contributors``. The policy is that of ``DisclosurePolicy.from_mapping`` with one more section that
says what the columns are: ``[dimensions.AREA]`` with ``total`` and ``parents`` (code = parent). Exit status 0 when the
audit passes, 1 when it fails, 2 when the input is refused.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from migstat.disclosure.audit import AuditReport, audit
from migstat.disclosure.policy import DisclosurePolicy
from migstat.disclosure.primary import contributors_per_row, primary_suppression
from migstat.disclosure.secondary import requirement_of
from migstat.disclosure.system import CellSystem, Flags, system_of
from migstat.model import Refused
from migstat.model.tables import VALUE, Dimension, Table, counted


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status.

    >>> main(["audit", "no-such-table.csv", "no-such-policy.toml"])  # says on the error stream that it found no file
    2
    """
    parser = argparse.ArgumentParser(prog="python -m migstat.disclosure", description="Disclosure control of tables.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("audit", help="attack the withheld cells of a table")
    one.add_argument("table", type=Path)
    one.add_argument("policy", type=Path)
    given = parser.parse_args(arguments)
    try:
        report, system, withheld = audit_files(given.table, given.policy)
    except (Refused, OSError, tomllib.TOMLDecodeError) as problem:
        print(f"refused: {problem}", file=sys.stderr)
        return 2
    print(report_text(report, system, withheld))
    return 0 if report.passed else 1


def audit_files(table: Path, policy: Path) -> tuple[AuditReport, CellSystem, Flags]:
    """Read the two files and audit; the policy decides which cells are primary, the file which are withheld.

    >>> audit_files(Path("no-such-table.csv"), Path("no-such-policy.toml"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: [Errno 2] No such file or directory: 'no-such-policy.toml'
    """
    rules = tomllib.loads(policy.read_text(encoding="utf-8"))
    dimensions = _dimensions(rules.pop("dimensions", None))
    declared = DisclosurePolicy.from_mapping(rules)
    with table.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    read, marked = read_table(table.stem, rows, dimensions)
    system = system_of(read)
    protection = primary_suppression(read, declared)
    withheld = np.concatenate([marked, np.ones(len(system) - len(marked), dtype=bool)])
    contributors = None
    if declared.attackers.own_contribution:
        contributors = np.concatenate([contributors_per_row(read), np.zeros(len(system) - len(read), dtype=np.int64)])
    requirement = requirement_of(system, protection)
    return (
        audit(system, withheld, requirement, declared.attackers, contributors=contributors, intervals=True),
        system,
        withheld,
    )


def _dimensions(given: Any) -> list[Dimension]:
    if not isinstance(given, Mapping) or not given:
        raise Refused("command.dimensions", found="no [dimensions] section", remedy="describe every column of codes")
    return [_dimension(name, section) for name, section in given.items()]


def _dimension(name: str, section: Any) -> Dimension:
    if not isinstance(section, Mapping) or set(section) != {"total", "parents"}:
        raise Refused("command.dimensions", found=f"dimension {name}", remedy="give its total and its parents")
    return Dimension.from_parents(name, {section["total"]: None, **section["parents"]})


def read_table(name: str, rows: Sequence[Mapping[str, str]], dimensions: Sequence[Dimension]) -> tuple[Table, Flags]:
    """The table of a CSV file, and which of its cells are withheld.

    Raises Refused for a column that is missing, a value that is no number, or an unknown status.

    >>> sex = Dimension.flat("SEX", ["F"], total="_T")
    >>> rows = [{"SEX": "_T", "value": "9", "status": "published"}, {"SEX": "F", "value": "9", "status": "withheld"}]
    >>> table, withheld = read_table("by-sex", rows, [sex])
    >>> table.cell("F").number, withheld.tolist()
    (9.0, [False, True])
    """
    if not rows:
        raise Refused("command.table", found="no cell", remedy="give one row per cell")
    columns = [dimension.id for dimension in dimensions]
    missing = [column for column in (*columns, "value", "status") if column not in rows[0]]
    if missing:
        raise Refused("command.table", found=f"no column {missing[0]!r}", remedy="give it, named as in the policy")
    unknown = {row["status"] for row in rows} - {"published", "withheld"}
    if unknown:
        raise Refused("command.status", found=f"status {sorted(unknown)[0]!r}", remedy="write published or withheld")
    try:
        values = np.array([float(row["value"]) for row in rows])
        people = np.array([int(row["contributors"]) for row in rows]) if "contributors" in rows[0] else None
    except ValueError:
        raise Refused(
            "command.value", found="a value that is no number", remedy="give numbers, also where withheld"
        ) from None
    keys = np.array([[dimension._index(row[dimension.id]) for dimension in dimensions] for row in rows], dtype=np.int64)
    states = np.full(len(rows), VALUE, dtype=np.int8)
    table = Table(name, counted(name), tuple(dimensions), keys, values, states, contributors=people)
    return table, np.array([row["status"] == "withheld" for row in rows])


def report_text(report: AuditReport, system: CellSystem, withheld: Flags) -> str:
    """The report to print: the verdict, then each exposed cell with its interval and what gives it away.

    >>> from migstat.disclosure.examples import small_policy, small_requirement, small_system
    >>> system, requirement = small_system(), small_requirement()
    >>> report = audit(system, requirement.primary, requirement, small_policy().attackers)
    >>> print(report_text(report, system, requirement.primary).splitlines()[1])
      HASSAN/F: anybody can place it in [2, 2]; required 1 to 3, width 2
    """
    lines = [
        f"audit {'passed' if report.passed else 'FAILED'}: {int(withheld.sum())} cells withheld of {len(system)}, "
        f"{len(report.exposed_cells)} exposed, {int(report.linearly_exact.sum())} known exactly by algebra, "
        f"{report.attackers} attackers, {report.programs} programs"
    ]
    for exposure in report.exposures:
        lines.append(
            f"  {exposure.label}: {exposure.attacker} can place it in [{exposure.low:g}, {exposure.high:g}]; "
            f"required {exposure.required_low:g} to {exposure.required_high:g}, width {exposure.required_width:g}"
        )
        lines += [f"    from {equation}" for equation in exposure.equations]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
