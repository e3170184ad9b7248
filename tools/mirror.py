"""Sizes as a mirror: the longest files and functions, for whoever wants to look. It never fails."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
_SHOWN = 8


def main() -> None:
    files, functions = [], []
    for path in SOURCE.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        text = path.read_text("utf-8")
        files.append((len(text.splitlines()), path.relative_to(SOURCE)))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                functions.append((lines, f"{path.relative_to(SOURCE)}:{node.name}"))
    print(
        f"{len(files)} files, {len(functions)} functions, median function {statistics.median(n for n, _ in functions):g} lines"
    )
    for title, rows in (("longest files", files), ("longest functions", functions)):
        print(f"{title}: " + ", ".join(f"{name} {lines}" for lines, name in sorted(rows, reverse=True)[:_SHOWN]))


if __name__ == "__main__":
    main()
