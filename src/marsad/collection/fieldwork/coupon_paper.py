"""Coupons on paper: in French and Arabic on each, with the number and its QR code, and nothing that says what they are for.

Whoever finds a coupon learns where to ask and until when; not which survey it is, who gave it or who was meant.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import qrcode
import qrcode.image.svg

from marsad.collection.fieldwork.coupon_codes import spaced
from marsad.collection.fieldwork.operations_coupons import PrintedBatch
from marsad.web.documents import isolated_pieces, pdf, quoted

_SIZES: Final = {"a4": "94mm, 66mm", "a6": "140mm, 97mm"}
_PAGES: Final = {
    "a4": '#set page(paper: "a4", margin: (x: 10mm, y: 12mm))',
    "a6": "#set page(width: 148mm, height: 105mm, margin: 4mm)",
}
_FR: Final = {
    "title": "Coupon de participation",
    "once": "Il ne sert qu’une fois et ne dit pas qui vous êtes.",
    "from": "Valable {} jours à partir du",
    "until": "Valable jusqu’au {}",
    "giver": "Coupon de la personne qui vous l’a remis",
}
_AR: Final = {
    "title": "قسيمة المشاركة",
    "once": "تُستعمل مرة واحدة ولا تكشف هويتكم.",
    "from": "صالحة {} يوما ابتداء من",
    "until": "صالحة إلى غاية {}",
    "giver": "قسيمة الشخص الذي سلّمكم إياها",
}


def coupon_pdf(batch: PrintedBatch, *, invites: tuple[str, str], sheet: str = "a4") -> bytes:
    """The coupons of a batch: eight on an A4 page to be cut, or one on each A6 page. ``invites``: who does, fr and ar."""
    files = {f"q{place}.svg": _qr(code) for place, code in enumerate(batch.codes)}
    return pdf(coupon_markup(batch, invites=invites, sheet=sheet), language="fr", files=files)


def coupon_markup(batch: PrintedBatch, *, invites: tuple[str, str], sheet: str) -> str:
    """The Typst markup of a batch, which reads the QR codes as ``q0.svg`` and on."""
    pieces = [_coupon(batch, code, f"q{place}.svg", invites, sheet) for place, code in enumerate(batch.codes)]
    head = '#set document(title: "Coupons")\n' + _PAGES[sheet] + "\n#set par(leading: 0.5em)\n#set text(size: 8.5pt)\n"
    return head + _laid_out(pieces, sheet)


def _laid_out(pieces: Sequence[str], sheet: str) -> str:
    if sheet == "a6":
        return "\n#pagebreak()\n".join(pieces)
    pages = [pieces[start : start + 8] for start in range(0, len(pieces), 8)]
    grids = ["#grid(columns: 2, gutter: 2mm, " + ", ".join(f"[{one}]" for one in page) + ")" for page in pages]
    return "\n#pagebreak()\n".join(grids)


def _qr(code: str) -> bytes:
    out = io.BytesIO()
    qrcode.make(code, image_factory=qrcode.image.svg.SvgPathImage, border=2).save(out)
    return out.getvalue()


def _coupon(batch: PrintedBatch, code: str, picture: str, invites: tuple[str, str], sheet: str) -> str:
    width, height = _SIZES[sheet].split(", ")
    network = batch.network
    french = _side(_FR, "fr", invites[0], network.place_fr, batch)
    arabic = _side(_AR, "ar", invites[1], network.place_ar, batch)
    middle = (
        f'align(center)[#image("{picture}", width: 20mm, alt: "QR")\n'
        f'#text(size: 11pt, weight: "bold", dir: ltr, {quoted(spaced(code))})]'
    )
    return (
        f'#block(width: {width}, height: {height}, stroke: (paint: rgb("#8a8371"), thickness: 0.5pt, dash: "dashed"), '
        f"inset: 3mm, breakable: false)[#grid(columns: (1fr, 24mm, 1fr), gutter: 2mm, {french}, {middle}, {arabic})]"
    )


def _side(words: dict[str, str], language: str, who: str, place: str, batch: PrintedBatch) -> str:
    def say(text: str) -> str:
        return quoted(isolated_pieces(text) if language == "ar" else text, language)

    until = f"{batch.expires_on:%Y-%m-%d}" if batch.expires_on else ""
    valid = words["until"].format(until) if until else words["from"].format(batch.network.valid_days) + " ________"
    lines = [say(who), say(place), say(valid), say(words["once"])]
    if not batch.seeds:
        lines.append(say(words["giver"]) + ') #text("________________"')
    body = " #parbreak() ".join(f"#text({line})" for line in lines)
    direction = "rtl" if language == "ar" else "ltr"
    return (
        f'[#set text(lang: "{language}", dir: {direction})\n'
        f'#text(size: 10.5pt, weight: "bold", fill: rgb("#0b6350"), {say(words["title"])}) #parbreak() {body}]'
    )
