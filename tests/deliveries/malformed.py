"""Two thousand files that no partner should send, each from its number alone."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator

from deliveries.delivery_cases import GOOD_ROWS, csv_bytes, workbook_bytes

_GOOD_CSV = csv_bytes(GOOD_ROWS)
_GOOD_BOOK = workbook_bytes({"Visites": [list(row) for row in GOOD_ROWS]})
_SHEET = "xl/worksheets/sheet1.xml"


def _noise(dice: random.Random) -> bytes:
    return dice.randbytes(dice.randrange(1, 4_000))


def _truncated(dice: random.Random) -> bytes:
    return _GOOD_BOOK[: dice.randrange(4, len(_GOOD_BOOK) - 30)]


def _bitten(dice: random.Random) -> bytes:
    content = bytearray(_GOOD_BOOK)
    for _ in range(dice.randrange(3, 40)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    return bytes(content)


def _part(name: str, text: bytes) -> bytes:
    """The good workbook with one part in another's place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_GOOD_BOOK)) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for one in good.infolist():
            bad.writestr(one.filename, text if one.filename == name else good.read(one))
        if name not in good.namelist():
            bad.writestr(name, text)
    return out.getvalue()


def _entities(dice: random.Random) -> bytes:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "'
        + b"A" * dice.randrange(1, 99)
        + b'"><!ENTITY b "&a;&a;&a;">]>'
    )
    kind = dice.choice(
        [b"<worksheet>&b;</worksheet>", b'<!ENTITY f SYSTEM "file:///etc/passwd"><worksheet>&f;</worksheet>']
    )
    return _part(dice.choice([_SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"]), bomb + kind)


def _far_cell(dice: random.Random) -> bytes:
    row, column = dice.randrange(900_000, 9_999_999), dice.choice(["XFD", "ZZZ", "XFDA"])
    return _part(
        _SHEET,
        f'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{column}{row}"><v>1</v></c></row></sheetData></worksheet>'.encode(),
    )


def _paths(dice: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bad:
        for name in dice.sample(
            ["../../etc/passwd", "/abs/x", "xl/../../x", "C:\\x", "[Content_Types].xml", "a\x01b"], 3
        ):
            bad.writestr(name, b"x")
    return out.getvalue()


def _nested(dice: random.Random) -> bytes:
    content = _GOOD_CSV
    for depth in range(dice.randrange(1, 5)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as outer:
            outer.writestr(f"{depth}.zip", content)
        content = out.getvalue()
    return content


def _bomb(dice: random.Random) -> bytes:
    """A sheet of a few kilobytes that unpacks to hundreds of megabytes; its size is sometimes told as less."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bad:
        bad.writestr("[Content_Types].xml", b"<Types/>")
        with bad.open(_SHEET, "w", force_zip64=True) as part:
            for _ in range(dice.choice([420, 450])):
                part.write(b" " * 1_000_000)
    return out.getvalue()


_BOMBS = [_bomb(random.Random(7))]


def _kept_bomb(dice: random.Random) -> bytes:
    content = bytearray(_BOMBS[0])
    if dice.random() < 0.5:  # the directory tells a small size
        place = content.rfind(b"PK\x01\x02")
        content[place + 24 : place + 28] = struct.pack("<I", 1_000)
    return bytes(content)


def _encoding(dice: random.Random) -> bytes:
    text = "Nom;Âge\nÉlodie;12\nفاطمة;13\n" * dice.randrange(1, 30)
    content = text.encode(dice.choice(["utf-8", "utf-16", "utf-32", "utf-7"]))
    return (
        content[: dice.randrange(3, len(content))]
        + bytes(dice.randrange(128, 256) for _ in range(dice.randrange(1, 9)))
        + b"\x00"
    )


def _quotes(dice: random.Random) -> bytes:
    return _GOOD_CSV + b'"' + b"a,b\n" * dice.randrange(60_000, 90_000)


def _one_line(dice: random.Random) -> bytes:
    return dice.choice([b",", b";", b"x,"]) * dice.randrange(3_000, 300_000)


def _nothing(dice: random.Random) -> bytes:
    return dice.choice([b"", b" ", b"\n", b"\x00", b"\t", b"\xef\xbb\xbf", b",", b"\r\n"]) * dice.randrange(1, 60_000)


def _other_files(dice: random.Random) -> bytes:
    head = dice.choice(
        [b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\x7fELF", b"MZ", b"GIF89a", b"{\\rtf1", b"SQLite format 3\x00", b"<html><table>",
         b'<?xml version="1.0"?><x/>', b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", gzip.compress(_GOOD_CSV)]
    )  # fmt: skip
    return head + dice.randbytes(dice.randrange(600, 2_000))


def _text(dice: random.Random) -> bytes:
    words = [
        dice.choice(["lorem", "ipsum", "مرحبا", "=cmd|' /C calc'!A0", "éà", "\u202e", "-"])
        for _ in range(dice.randrange(1, 80))
    ]
    return " ".join(words).encode()


KINDS: tuple[Callable[[random.Random], bytes], ...] = (
    _noise, _truncated, _bitten, _entities, _far_cell, _paths, _nested, _encoding, _one_line, _nothing, _other_files, _text,
)  # fmt: skip
_SLOW = (_kept_bomb, _quotes)


def malformed(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many files with the name of their kind; the same for the same seed. One in a hundred is a bomb or a mass of quotes."""
    dice = random.Random(seed)
    for number in range(count):
        kind = _SLOW[number // 100 % 2] if number % 100 == 99 else KINDS[number % len(KINDS)]
        yield kind.__name__, kind(dice)
