"""A questionnaire with every kind of question that the forms on the web show, in three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from marsad.audit.rules import System
from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.models import Version
from marsad.collection.instruments.operations_versions import add_version, publish_version
from marsad.collection.instruments.xlsform import compile_form
from marsad.collection.models import CollectedDataflow

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Row = dict[str, str]
_NAMES = {"fr": "Français (fr)", "ar": "العربية (ar)", "en": "English (en)"}
# One white point: enough for a picture that is taken as a question's label.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8ffff3f0005fe02fea72d99"
    "c90000000049454e44ae426082"
)


def words(fr: str, ar: str, en: str, column: str = "label") -> Row:
    return {f"{column}::{_NAMES[code]}": said for code, said in {"fr": fr, "ar": ar, "en": en}.items()}


def row(kind: str, name: str, *said: Row, **more: str) -> Row:
    found: Row = {"type": kind, "name": name, **more}
    for one in said:
        found.update(one)
    return found


SURVEY: list[Row] = [
    row("note", "welcome", words("Merci de prendre **dix minutes**.", "شكرا على منحنا **عشر دقائق**.", "Thank you for **ten minutes**.")),
    row("select_one yes_no", "consent", words("Acceptez-vous de répondre ?", "هل تقبل الإجابة؟", "Do you agree to answer?"), required="yes"),
    row("begin_group", "person", words("La personne", "الشخص", "The person"), relevant="${consent} = 'yes'"),
    row("text", "first_name", words("Prénom d’usage", "الاسم المستعمل", "Name in use"), words("Celui que vous voulez.", "الاسم الذي تريده.", "Any that you like.", "hint")),
    row("integer", "age", words("Âge en années", "العمر بالسنوات", "Age in years"), words("L’âge va de 0 à 120.", "العمر بين 0 و120.", "The age goes from 0 to 120.", "constraint_message"), constraint=". >= 0 and . <= 120", required="yes"),
    row("select_one sex", "sex", words("Sexe", "الجنس", "Sex")),
    row("date", "arrived", words("Date d’arrivée", "تاريخ الوصول", "Date of arrival")),
    row("time", "usual_hour", words("Heure habituelle de sortie", "ساعة الخروج المعتادة", "Usual hour of leaving")),
    row("end_group", "person_end"),
    row("begin_group", "home", words("Le logement", "السكن", "The dwelling"), relevant="${consent} = 'yes'"),
    row("select_one district", "district", words("Arrondissement", "المقاطعة", "District"), appearance="minimal"),
    row("select_one quarter", "quarter", words("Quartier", "الحي", "Quarter"), choice_filter="district = ${district}"),
    row("select_multiple problem", "problems", words("Difficultés rencontrées", "الصعوبات التي تواجهونها", "Difficulties met")),
    row("decimal", "rent", words("Loyer par mois, en dirhams", "الإيجار الشهري بالدرهم", "Rent a month, in dirhams")),
    row("range", "comfort", words("Confort, de 0 à 10", "الراحة من 0 إلى 10", "Comfort, from 0 to 10"), parameters="start=0 end=10 step=1"),
    row("rank need", "needs", words("Ordre des besoins", "ترتيب الحاجات", "Needs in order")),
    row("image", "roof", words("Photo du toit", "صورة السقف", "Picture of the roof"), parameters="max-pixels=800"),
    row("geopoint", "place", words("Coin de rue le plus proche", "أقرب ركن شارع", "Nearest street corner")),
    row("end_group", "home_end"),
    row("begin_repeat", "member", words("Membre du ménage", "فرد من الأسرة", "Household member"), relevant="${consent} = 'yes'"),
    row("integer", "member_age", words("Âge du membre", "عمر الفرد", "Age of the member"), words("L’âge va de 0 à 120.", "العمر بين 0 و120.", "The age goes from 0 to 120.", "constraint_message"), constraint=". >= 0 and . <= 120"),
    row("end_repeat", "member_end"),
    row("begin_group", "end_part", words("Pour finir", "في الختام", "To finish"), relevant="${consent} = 'yes'"),
    row("calculate", "household_size", calculation="count(${member}) + 1"),
    row("note", "size_note", words("Le ménage compte ${household_size} personnes.", "عدد أفراد الأسرة ${household_size}.", "The household has ${household_size} people.")),
    row("text", "remark", words("Autre chose ?", "شيء آخر؟", "Anything else?"), appearance="multiline"),
    row("acknowledge", "agreed", words("J’ai relu mes réponses", "راجعت أجوبتي", "I have read my answers again")),
    row("end_group", "end_part_end"),
]  # fmt: skip


def _choices() -> list[Row]:
    lists = {
        "yes_no": [("yes", "Oui", "نعم", "Yes"), ("no", "Non", "لا", "No")],
        "sex": [("woman", "Femme", "امرأة", "Woman"), ("man", "Homme", "رجل", "Man"), ("prefer_not_to_say", "Je préfère ne pas dire", "أفضّل عدم الإجابة", "Prefer not to say")],
        "problem": [("damp", "Humidité", "الرطوبة", "Damp"), ("noise", "Bruit", "الضجيج", "Noise"), ("prefer_not_to_say", "Je préfère ne pas dire", "أفضّل عدم الإجابة", "Prefer not to say")],
        "need": [("school", "École", "المدرسة", "School"), ("health", "Santé", "الصحة", "Health"), ("work", "Travail", "العمل", "Work")],
        "district": [("agdal", "Agdal-Riyad", "أكدال الرياض", "Agdal-Riyad"), ("hassan", "Hassan", "حسان", "Hassan")],
    }  # fmt: skip
    found = [
        row("", code, words(fr, ar, en), list_name=name) for name, rows in lists.items() for code, fr, ar, en in rows
    ]
    quarters = [
        ("riyad", "agdal", "Hay Riad", "حي الرياض"),
        ("centre", "hassan", "Centre-ville", "وسط المدينة"),
        ("ocean", "hassan", "L’Océan", "المحيط"),
    ]
    found += [
        row("", code, words(fr, ar, fr), list_name="quarter", district=district) for code, district, fr, ar in quarters
    ]
    for one in found:
        del one["type"]
    return found


def sheets(code: str = "trial", version: str = "1", survey: list[Row] | None = None) -> dict[str, list[Row]]:
    return {
        "survey": survey or SURVEY,
        "choices": _choices(),
        "settings": [{"form_title": "Trial", "form_id": code, "version": version, "default_language": _NAMES["fr"]}],
    }


def _definition(code: str, questions: list[str]) -> dict[str, Any]:
    titles = {
        "fr": "Enquête d’essai sur le logement",
        "ar": "استطلاع تجريبي حول السكن",
        "en": "Trial survey on housing",
    }
    purposes = {
        "fr": "Essayer chaque sorte de question.",
        "ar": "تجريب كل أنواع الأسئلة.",
        "en": "To try every kind of question.",
    }
    return {
        "code": code,
        **{f"title_{language}": said for language, said in titles.items()},
        **{f"purpose_{language}": said for language, said in purposes.items()},
        "records": [{"dataflow": "trial_homes", "columns": {"consent": "consent"}}],
        "privacy": {"internal": ["consent"], "personal": [name for name in questions if name != "consent"]},
        "consent": {"question": "consent", "given": "yes"},
    }


def _dataflow() -> None:
    if CollectedDataflow.objects.filter(pk="trial_homes").exists():
        return
    said = {f"{name}_{code}": name for name in ("title", "purpose", "legal_basis") for code in ("fr", "ar", "en")}
    column = {"name": "consent", "role": "attribute", "kind": "code", "codelist": "yes_no"}
    structure = {"code": "trial_homes", "version": "1", "unit": "household", "columns": [column]}
    CollectedDataflow.objects.create(
        code="trial_homes", purpose="observatory", **said, authorisation_number="A-123/2026",
        authorised_on=date(2026, 1, 1), retention_days=365, sensitivity="sensitive", structure=structure, loaded_at=AT,
    )  # fmt: skip


def published(code: str = "trial", version: str = "1", survey: list[Row] | None = None) -> Version:
    """The trial questionnaire, or another of its kind, open to who may fill forms."""
    _dataflow()
    form = compile_form(sheets(code, version, survey), validate=False)
    asked = [question.name for question in form.questions if question.holds_answer]
    definition = Definition.from_mapping(_definition(code, asked))
    draft = add_version(actor=System("test"), at=AT, form=form, definition=definition)
    return publish_version(actor=System("test"), at=AT, version_id=draft.pk)


def long_survey(questions: int) -> list[Row]:
    """Groups of ten questions, each with its relevance and constraint."""
    rows = [SURVEY[1]]
    for number in range(questions - 1):
        if number % 10 == 0:
            rows.append(
                row("begin_group", f"g{number}", words(f"Partie {number}", f"الجزء {number}", f"Part {number}"))
            )
        said = words(f"Question {number}", f"السؤال {number}", f"Question {number}")
        wrong = words("Pas moins de zéro.", "ليس أقل من صفر.", "Not below zero.", "constraint_message")
        rows.append(row("integer", f"q{number}", said, wrong, constraint=". >= 0", relevant="${consent} = 'yes'"))
        if number % 10 == 9 or number == questions - 2:
            rows.append(row("end_group", f"g{number}_end"))
    return rows
