"""Coupons on paper: in French and Arabic on each, with the number and its QR code, and nothing that says what they are for.

Whoever finds a coupon learns where to ask and until when; not which survey it is, who gave it or who was meant.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import qrcode
import qrcode.image.svg

from marsad.collection.fieldwork.coupon_codes import spaced
from marsad.collection.fieldwork.operations_coupons import PrintedBatch
from marsad.web.documents import isolated_pieces, pdf, quoted


@dataclass(frozen=True)
class _Sheet:
    """The measures of a coupon on a kind of paper, as Typst writes them; ``pages`` is how many stand on one page."""

    page: str
    width: str
    height: str
    text: str
    picture: str
    middle: str
    pages: int


_SHEETS: Final = {
    "a4": _Sheet('paper: "a4", margin: (x: 10mm, y: 12mm)', "94mm", "66mm", "8pt", "20mm", "27mm", 8),
    "a6": _Sheet("width: 148mm, height: 105mm, margin: 4mm", "140mm", "97mm", "11pt", "32mm", "40mm", 1),
}
_FR: Final = {
    "title": "Coupon de participation",
    "once": "Il ne sert qu’une fois et ne dit pas qui vous êtes.",
    "from": "Valable {} jours à partir du",
    "until": "Valable jusqu’au {}",
    "giver": "Coupon de qui vous l’a remis",
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
    measures = _SHEETS[sheet]
    pieces = [_coupon(batch, code, f"q{place}.svg", invites, measures) for place, code in enumerate(batch.codes)]
    pages = [pieces[start : start + measures.pages] for start in range(0, len(pieces), measures.pages)]
    columns = min(2, measures.pages)
    grids = [f"#grid(columns: {columns}, gutter: 2mm, " + ", ".join(f"[{one}]" for one in page) + ")" for page in pages]
    head = (
        f'#set document(title: "Coupons")\n#set page({measures.page})\n'
        f"#set par(leading: 0.45em, spacing: 0.75em)\n#set text(size: {measures.text})\n"
    )
    return head + "\n#pagebreak()\n".join(grids)


def _qr(code: str) -> bytes:
    out = io.BytesIO()
    qrcode.make(code, image_factory=qrcode.image.svg.SvgPathImage, border=2).save(out)
    return out.getvalue()


def printed_code(code: str) -> str:
    """The number in groups that stay on one line."""
    return spaced(code).replace(" ", "\u00a0")


def _coupon(batch: PrintedBatch, code: str, picture: str, invites: tuple[str, str], measures: _Sheet) -> str:
    network = batch.network
    french = _side(_FR, "fr", invites[0], network.place_fr, batch)
    arabic = _side(_AR, "ar", invites[1], network.place_ar, batch)
    middle = (
        f'align(center)[#image("{picture}", width: {measures.picture}, alt: "QR")\n'
        f'#text(size: 1.25em, weight: "bold", dir: ltr, {quoted(printed_code(code))})]'
    )
    return (
        f"#block(width: {measures.width}, height: {measures.height}, "
        'stroke: (paint: rgb("#8a8371"), thickness: 0.5pt, dash: "dashed"), inset: 3mm, breakable: false)'
        f"[#grid(columns: (1fr, {measures.middle}, 1fr), gutter: 1.5mm, {french}, {middle}, {arabic})]"
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
        f'#text(size: 1.2em, weight: "bold", fill: rgb("#0b6350"), {say(words["title"])}) #parbreak() {body}]'
    )
