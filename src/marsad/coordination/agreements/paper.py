"""An agreement on paper: its text, the annex of columns and the places for the two signatures, as a PDF."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import override

from marsad.coordination.agreements import labels
from marsad.coordination.agreements.terms import Terms
from marsad.coordination.agreements.wording import text_of
from marsad.web.documents import pdf, quoted
from migstat.model import Text

_WORDS: Final = {
    "kind": Text(fr="Convention de partage de données", ar="اتفاقية تبادل المعطيات", en="Data-sharing agreement"),
    "draft": Text(fr="Projet, sans valeur", ar="مشروع غير ملزم", en="Draft, not binding"),
    "synthetic": Text(fr="Modèle, sans valeur", ar="نموذج غير ملزم", en="Model, not binding"),
    "version": Text(fr="version {}", ar="النسخة {}", en="version {}"),
    "article": Text(fr="Article {}", ar="المادة {}", en="Article {}"),
    "annex": Text(
        fr="Annexe : structure du flux", ar="ملحق: بنية مجرى المعطيات", en="Annex: structure of the dataflow"
    ),
    "column": Text(fr="Colonne", ar="العمود", en="Column"),
    "role": Text(fr="Rôle", ar="الدور", en="Role"),
    "type": Text(fr="Type", ar="النوع", en="Type"),
    "required": Text(fr="Obligatoire", ar="إلزامي", en="Required"),
    "yes": Text(fr="oui", ar="نعم", en="yes"),
    "no": Text(fr="non", ar="لا", en="no"),
    "partner": Text(fr="Pour le partenaire", ar="عن الشريك", en="For the partner"),
    "city": Text(fr="Pour la municipalité", ar="عن الجماعة", en="For the municipality"),
    "signature": Text(
        fr="Nom, qualité, date et signature",
        ar="الاسم والصفة والتاريخ والتوقيع",
        en="Name, capacity, date and signature",
    ),
    "page": Text(fr="page {} sur {}", ar="الصفحة {} من {}", en="page {} of {}"),
    "checksum": Text(fr="empreinte", ar="البصمة", en="checksum"),
}


def agreement_pdf(version: Any, *, language: str) -> bytes:
    """The agreement of a version to be signed. A draft and a model say that they bind nobody.

    The text is the one that was kept when both sides agreed, or for a draft the one its terms give now. The foot of
    each page carries code, version, first twelve signs of the checksum, and page numbers.
    """
    text = version.text.get(language) or text_of(version.terms, version.agreement, language)
    with override(language):
        body = _markup(version, text, language)
    return pdf(body, language=language)


def _markup(version: Any, text: dict[str, Any], language: str) -> str:
    say = _sayer(language)
    q = _quoter(language)
    mark = "synthetic" if version.agreement.is_synthetic else "" if version.text else "draft"
    head = [
        f"#set document(title: {q(text['title'])})",
        _foot(version, language),
        '#show heading: set text(fill: rgb("#0b6350"))',
        f'#text(size: 9.5pt, fill: rgb("#4c5b55"))[#{q(say("kind"))} · #{q(version.agreement_id)} · '
        f"#{q(say('version').format(version.number))}]",
        f"#heading(level: 1, {q(text['title'])})",
    ]
    if mark:
        head.append(f'#block(fill: rgb("#fbf0de"), inset: 6pt, radius: 3pt, text(weight: 600, {q(say(mark))}))')
    articles = [
        f"#heading(level: 2, {q(say('article').format(place) + ' – ' + article['heading'])})\n#par({q(article['text'])})"
        for place, article in enumerate(text["articles"], 1)
    ]
    return "\n".join([*head, *articles, _annex(version.terms, language), _signatures(language)])


def _annex(terms: Terms, language: str) -> str:
    say, q = _sayer(language), _quoter(language)
    heads = ", ".join(f"strong({q(say(name))})" for name in ("column", "role", "type", "required"))
    rows = []
    for column in terms.structure.columns:
        kind = str(labels.COLUMN_KINDS[column.kind])
        kind += f" ({column.codelist})" if column.codelist else ""
        required = say("yes") if column.required else say("no")
        name = f"{column.name} ({column.label.in_language(language)})" if column.label else column.name
        words = (name, str(labels.COLUMN_ROLES[column.role]), kind, required)
        rows.append(", ".join(q(word) for word in words))
    cells = ",\n  ".join(rows)
    return (
        f"#heading(level: 2, {q(say('annex'))})\n#table(columns: (1.5fr, 1.6fr, 1.3fr, 0.8fr), "
        f'stroke: 0.4pt + rgb("#b9b09a"), inset: 5pt, table.header({heads}),\n  {cells})'
    )


def _signatures(language: str) -> str:
    say, q = _sayer(language), _quoter(language)
    boxes = ", ".join(
        f'block(width: 100%, height: 34mm, stroke: 0.4pt + rgb("#b9b09a"), inset: 6pt, '
        f"[#strong({q(say(side))}) \\ #text(size: 9pt, {q(say('signature'))})])"
        for side in ("partner", "city")
    )
    return f"#v(6mm)\n#block(breakable: false, grid(columns: (1fr, 1fr), gutter: 8mm, {boxes}))"


def _foot(version: Any, language: str) -> str:
    say, q = _sayer(language), _quoter(language)
    before, between, after = say("page").split("{}")
    name = f"{version.agreement_id} · {say('version').format(version.number)}"
    seal = f"{say('checksum')} {version.checksum[:12]}"
    pages = f"#{q(before)}#context counter(page).display()#{q(between)}#context counter(page).final().first()" + (
        f"#{q(after)}" if after else ""
    )
    return (
        '#set page(footer: [#set text(size: 8pt, fill: rgb("#4c5b55"))\n'
        f"#grid(columns: (1fr, auto), [#{q(name)} · #{q(seal)}], [{pages}])])"
    )


def _sayer(language: str) -> Any:
    return lambda name: _WORDS[name].in_language(language)


def _quoter(language: str) -> Any:
    return lambda words: quoted(words, language)
