"""Names of the components and codes of the open data structures, in the three languages at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from migstat.model import Text

COMPONENTS: Final[Mapping[str, Text]] = {
    "INDICATOR": Text(fr="Indicateur", ar="المؤشر", en="Indicator"),
    "REF_AREA": Text(fr="Lieu de référence", ar="المكان المرجعي", en="Reference area"),
    "POPULATION_BASE": Text(fr="Base de population", ar="قاعدة السكان", en="Population base"),
    "TIME_PERIOD": Text(fr="Période", ar="الفترة", en="Time period"),
    "OBS_VALUE": Text(fr="Valeur observée", ar="القيمة الملاحظة", en="Observed value"),
    "OBS_STATUS": Text(fr="Statut de l’observation", ar="حالة الملاحظة", en="Observation status"),
    "CONF_STATUS": Text(fr="Statut de confidentialité", ar="حالة السرية", en="Confidentiality status"),
    "LOWER_BOUND": Text(
        fr="Borne inférieure de l’intervalle", ar="الحد الأدنى للمجال", en="Lower bound of the interval"
    ),
    "UPPER_BOUND": Text(
        fr="Borne supérieure de l’intervalle", ar="الحد الأعلى للمجال", en="Upper bound of the interval"
    ),
    "UNIT_MEASURE": Text(fr="Unité", ar="الوحدة", en="Unit of measure"),
    "STOCK_FLOW": Text(fr="Stock ou flux", ar="رصيد أو تدفق", en="Stock or flow"),
    "METHOD": Text(fr="Méthode, ou sa page", ar="المنهجية أو صفحتها", en="Method, or its page"),
    "SOURCE": Text(fr="Source", ar="المصدر", en="Source"),
    "VINTAGE": Text(fr="Version de la source", ar="إصدار المصدر", en="Vintage of the source"),
    "EDITION": Text(fr="Édition", ar="الطبعة", en="Edition"),
    "ORIGIN": Text(fr="Réel ou synthétique", ar="حقيقي أو اصطناعي", en="Real or synthetic"),
    "HEADING": Text(fr="Intitulé d’origine", ar="العنوان الأصلي", en="Heading at the source"),
    "NOTE_FR": Text(fr="Note en français", ar="ملاحظة بالفرنسية", en="Note in French"),
    "NOTE_AR": Text(fr="Note en arabe", ar="ملاحظة بالعربية", en="Note in Arabic"),
    "NOTE_EN": Text(fr="Note en anglais", ar="ملاحظة بالإنجليزية", en="Note in English"),
}
TOTAL: Final = Text(fr="Total", ar="المجموع", en="Total")
CODELISTS: Final[Mapping[str, Mapping[str, Text]]] = {
    "OBS_STATUS": {
        "A": Text(fr="Valeur normale", ar="قيمة عادية", en="Normal value"),
        "B": Text(fr="Rupture de série", ar="انقطاع السلسلة", en="Time series break"),
        "E": Text(fr="Valeur estimée", ar="قيمة مقدرة", en="Estimated value"),
        "M": Text(fr="Sans objet : la donnée ne peut exister", ar="لا ينطبق: لا يمكن أن توجد القيمة",
                  en="Not applicable: the value cannot exist"),
        "O": Text(fr="Valeur manquante", ar="قيمة ناقصة", en="Missing value"),
        "P": Text(fr="Valeur provisoire", ar="قيمة مؤقتة", en="Provisional value"),
        "Q": Text(fr="Valeur non diffusée", ar="قيمة غير منشورة", en="Missing value: suppressed"),
        "U": Text(fr="Valeur non validée", ar="قيمة غير مصادق عليها", en="Unvalidated value"),
    },
    "CONF_STATUS": {
        "F": Text(fr="Libre", ar="حرة النشر", en="Free"),
        "C": Text(fr="Non diffusée, secret primaire", ar="محجوبة، سرية أولية", en="Withheld, primary confidentiality"),
        "D": Text(fr="Non diffusée, secret secondaire", ar="محجوبة، سرية ثانوية",
                  en="Withheld, secondary confidentiality"),
    },
    "POPULATION_BASE": {
        "legal": Text(fr="Population légale", ar="السكان القانونيون", en="Legal population"),
        "municipal": Text(fr="Population municipale", ar="السكان البلديون", en="Municipal population"),
        "households": Text(fr="Ménages", ar="الأسر", en="Households"),
        "dwellings": Text(fr="Logements", ar="المساكن", en="Dwellings"),
        "registered": Text(fr="Personnes enregistrées", ar="الأشخاص المسجلون", en="Registered people"),
        "other": Text(fr="Autre base", ar="قاعدة أخرى", en="Another base"),
    },
    "STOCK_FLOW": {
        "stock": Text(fr="Stock, à un moment", ar="رصيد، في لحظة", en="Stock, at a moment"),
        "flow": Text(fr="Flux, sur une période", ar="تدفق، خلال فترة", en="Flow, over a period"),
    },
    "ORIGIN": {
        "real": Text(fr="Réel", ar="حقيقي", en="Real"),
        "synthetic": Text(fr="Synthétique, de démonstration", ar="اصطناعي للعرض", en="Synthetic, for demonstration"),
    },
}  # fmt: skip
STRUCTURE: Final = Text(fr="Structure : ", ar="البنية: ", en="Structure: ")
AVAILABILITY: Final = Text(fr="Données disponibles", ar="المعطيات المتاحة", en="Available data")
AGENCIES: Final = Text(fr="Organismes", ar="الهيئات", en="Agencies")
CONCEPTS: Final = Text(fr="Concepts", ar="المفاهيم", en="Concepts")


def names(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "ar": text.ar, "en": text.en}


def names_of(record: Any, field: str = "name") -> dict[str, str]:
    """The words of a record's ``<field>_fr``, ``<field>_ar`` and ``<field>_en``."""
    if isinstance(record, dict):
        return {language: str(record[f"{field}_{language}"]) for language in ("fr", "ar", "en")}
    return {language: str(getattr(record, f"{field}_{language}")) for language in ("fr", "ar", "en")}
