"""What can be wrong with a city pack: each rule once, with its remedy in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from migstat.model import Refused, Text

REMEDIES = {
    "file.missing": Text(
        fr="ajouter le fichier décrit dans docs/city-pack.md",
        ar="أضيفوا الملف الموصوف في docs/city-pack.md",
        en="add the file that docs/city-pack.md describes",
    ),
    "file.unknown": Text(
        fr="retirer ce fichier ou corriger son nom : un pack ne contient que des données décrites",
        ar="احذفوا هذا الملف أو صححوا اسمه: لا تضم الحزمة إلا البيانات الموصوفة",
        en="remove this file or correct its name: a pack holds described data only",
    ),
    "policy.wrong": Text(
        fr="écrire chaque règle avec tous ses paramètres : rien n’est supposé",
        ar="اكتبوا كل قاعدة بجميع معاملاتها: لا يفترض شيء",
        en="write every rule with all of its parameters; nothing is assumed",
    ),
    "file.encoding": Text(
        fr="enregistrer le fichier en UTF-8",
        ar="احفظوا الملف بترميز UTF-8",
        en="save the file as UTF-8",
    ),
    "toml.syntax": Text(
        fr="corriger la syntaxe TOML à cette ligne",
        ar="صححوا صيغة TOML في هذا السطر",
        en="correct the TOML syntax on this line",
    ),
    "geojson.syntax": Text(
        fr="fournir un GeoJSON FeatureCollection valide",
        ar="قدموا ملف GeoJSON من نوع FeatureCollection صالحا",
        en="give a valid GeoJSON FeatureCollection",
    ),
    "csv.columns": Text(
        fr="mettre dans l’en-tête exactement les colonnes de docs/city-pack.md",
        ar="ضعوا في الترويسة أعمدة docs/city-pack.md بالضبط",
        en="put exactly the columns of docs/city-pack.md in the header",
    ),
    "csv.width": Text(
        fr="mettre entre guillemets les valeurs qui contiennent une virgule",
        ar="ضعوا القيم التي تتضمن فاصلة بين علامتي اقتباس",
        en="put values that contain a comma in quotation marks",
    ),
    "field.unknown": Text(
        fr="retirer ce champ ou corriger son nom",
        ar="احذفوا هذا الحقل أو صححوا اسمه",
        en="remove this field or correct its name",
    ),
    "field.required": Text(
        fr="renseigner ce champ",
        ar="املؤوا هذا الحقل",
        en="fill this field in",
    ),
    "field.type": Text(
        fr="écrire une valeur du type attendu",
        ar="اكتبوا قيمة من النوع المطلوب",
        en="write a value of the expected type",
    ),
    "language.missing": Text(
        fr="écrire le texte dans les trois langues (fr, ar, en) ou dans aucune",
        ar="اكتبوا النص باللغات الثلاث (fr وar وen) أو لا تكتبوه بأي منها",
        en="write the text in all three languages (fr, ar, en) or in none",
    ),
    "choice.unknown": Text(
        fr="choisir une des valeurs prévues",
        ar="اختاروا إحدى القيم المحددة",
        en="choose one of the listed values",
    ),
    "date.form": Text(
        fr="écrire la date AAAA-MM-JJ",
        ar="اكتبوا التاريخ على شكل YYYY-MM-DD",
        en="write the date as YYYY-MM-DD",
    ),
    "period.form": Text(
        fr="écrire 2014, 2014-Q3, 2014-09, 2014-09-01 ou DÉBUT/FIN",
        ar="اكتبوا 2014 أو 2014-Q3 أو 2014-09 أو 2014-09-01 أو بداية/نهاية",
        en="write 2014, 2014-Q3, 2014-09, 2014-09-01 or START/END",
    ),
    "number.form": Text(
        fr="écrire un nombre avec un point décimal et sans séparateur ; laisser vide ce qui n’est pas connu",
        ar="اكتبوا عددا بنقطة عشرية ودون فاصل؛ واتركوا المجهول فارغا",
        en="write a number with a decimal point and no separator; leave empty what is not known",
    ),
    "address.form": Text(
        fr="écrire une adresse qui commence par https:// ou http://",
        ar="اكتبوا عنوانا يبدأ بـ https:// أو http://",
        en="write an address that begins with https:// or http://",
    ),
    "code.form": Text(
        fr="écrire le code comme un texte sans espace",
        ar="اكتبوا الرمز نصا دون مسافات",
        en="write the code as text without spaces",
    ),
    "code.twice": Text(
        fr="garder une seule ligne par code",
        ar="احتفظوا بسطر واحد لكل رمز",
        en="keep one row per code",
    ),
    "code.unknown": Text(
        fr="corriger le code ou ajouter ce qu’il désigne",
        ar="صححوا الرمز أو أضيفوا ما يدل عليه",
        en="correct the code or add what it names",
    ),
    "code.circle": Text(
        fr="rompre le cercle : rien n’est une partie de soi-même",
        ar="اكسروا الحلقة: لا شيء جزء من نفسه",
        en="break the circle: nothing is part of itself",
    ),
    "code.homonym": Text(
        fr="nommer l’homonyme des deux côtés (NER et NGA, COD et COG, GIN, GNB et GNQ)",
        ar="اذكروا الاسم المشابه من الجهتين (NER وNGA، COD وCOG، GIN وGNB وGNQ)",
        en="name the homonym on both sides (NER and NGA, COD and COG, GIN, GNB and GNQ)",
    ),
    "area.hcp_code": Text(
        fr="écrire le code HCP en 7, 8 ou 9 chiffres (2 pour une région, 5 pour une province), zéros de tête compris",
        ar="اكتبوا رمز المندوبية في 7 أو 8 أو 9 أرقام (2 للجهة و5 للإقليم) مع الأصفار الأولى",
        en="write the HCP code in 7, 8 or 9 digits (2 for a region, 5 for a province), leading zeros included",
    ),
    "area.validity": Text(
        fr="mettre la fin de validité après son début",
        ar="اجعلوا نهاية الصلاحية بعد بدايتها",
        en="put the end of validity after its start",
    ),
    "geometry.outside": Text(
        fr="vérifier la projection : la géométrie doit se trouver dans l’étendue de city.toml",
        ar="تحققوا من الإسقاط: يجب أن تقع الأشكال داخل نطاق city.toml",
        en="check the projection: the geometry must lie within the extent of city.toml",
    ),
    "geometry.invalid": Text(
        fr="réparer le polygone (il se croise ou n’est pas fermé)",
        ar="أصلحوا المضلع (يتقاطع مع نفسه أو غير مغلق)",
        en="mend the polygon (it crosses itself or is not closed)",
    ),
    "geometry.missing": Text(
        fr="ajouter le contour de cette unité à boundaries.geojson ou la retirer de map_areas",
        ar="أضيفوا حدود هذه الوحدة إلى boundaries.geojson أو احذفوها من map_areas",
        en="add the outline of this unit to boundaries.geojson or take it out of map_areas",
    ),
    "geometry.label": Text(
        fr="poser le point du nom à l’intérieur du contour",
        ar="ضعوا نقطة الاسم داخل الحدود",
        en="put the point of the name inside the outline",
    ),
    "geometry.overlap": Text(
        fr="faire suivre la même ligne aux contours voisins",
        ar="اجعلوا الحدود المتجاورة تتبع الخط نفسه",
        en="make neighbouring outlines follow the same line",
    ),
    "indicator.folder": Text(
        fr="donner au dossier le nom du code",
        ar="سموا المجلد باسم الرمز",
        en="name the folder after the code",
    ),
    "indicator.silent": Text(
        fr="relier des observations ou des chiffres, ou dire dans [not_measured] qui pourrait mesurer et comment",
        ar="اربطوا ملاحظات أو أرقاما، أو اذكروا في [not_measured] من يستطيع القياس وكيف",
        en="link observations or figures, or say in [not_measured] who could measure it and how",
    ),
    "example.arithmetic": Text(
        fr="corriger le résultat ou les données de l’exemple",
        ar="صححوا نتيجة المثال أو معطياته",
        en="correct the result or the inputs of the example",
    ),
    "definition.refused": Text(
        fr="corriger la définition : docs/indicators.md en donne le vocabulaire",
        ar="صححوا التعريف: مفرداته في docs/indicators.md",
        en="correct the definition: docs/indicators.md gives the vocabulary",
    ),
    "example.cells": Text(
        fr="corriger la définition, ou les lignes ou les cellules de l’exemple",
        ar="صححوا التعريف أو أسطر المثال أو خلاياه",
        en="correct the definition, or the rows or cells of its example",
    ),
    "figure.source": Text(
        fr="dire où le chiffre a été lu : une adresse ou un document",
        ar="اذكروا أين قرئ الرقم: عنوان أو وثيقة",
        en="say where the figure was read: an address or a document",
    ),
    "figure.kind": Text(
        fr="un chiffre de stock ne peut illustrer un indicateur de flux, ni l’inverse : corriger kind ou indicator",
        ar="لا يمكن لرقم رصيد أن يمثل مؤشر تدفق ولا العكس: صححوا kind أو indicator",
        en="a stock cannot stand for a flow indicator nor a flow for a stock: correct kind or indicator",
    ),
    "case.figures": Text(
        fr="un cas réunit au moins deux chiffres sur le même fait",
        ar="تجمع الحالة رقمين على الأقل حول الواقعة نفسها",
        en="a case joins at least two figures on the same fact",
    ),
    "case.recommended": Text(
        fr="recommander un chiffre du cas, avec le rôle « recommended », et lui seul",
        ar="أوصوا برقم من أرقام الحالة، بدور «recommended»، وبه وحده",
        en="recommend one figure of the case, with the role 'recommended', and no other",
    ),
    "case.settled": Text(
        fr="un règlement dit le chiffre retenu, pourquoi, quand, qui l’a proposé et qui, d’autre, en a décidé",
        ar="يذكر الحسم الرقم المعتمد وسببه وتاريخه ومن اقترحه ومن قرره، وهما مختلفان",
        en="a settlement says which figure, why, when, who proposed it and who, somebody else, decided",
    ),
    "column.unknown": Text(
        fr="prendre une colonne de la table du recensement",
        ar="اختاروا عمودا من جدول الإحصاء",
        en="take a column of the census table",
    ),
    "column.twice": Text(
        fr="deux colonnes ne peuvent donner la même observation : préciser breakdown",
        ar="لا يمكن لعمودين أن يعطيا الملاحظة نفسها: حددوا breakdown",
        en="two columns cannot give the same observation: say the breakdown",
    ),
    "cell.shape": Text(
        fr="une valeur avec l’état « value », et aucune valeur avec les autres états",
        ar="قيمة مع الحالة «value»، ولا قيمة مع الحالات الأخرى",
        en="a value with the state 'value', and no value with the other states",
    ),
    "breakdown.form": Text(
        fr="écrire liste=code, séparés par des points-virgules",
        ar="اكتبوا لائحة=رمز، مفصولة بفواصل منقوطة",
        en="write codelist=code, separated by semicolons",
    ),
    "city.findings": Text(
        fr="décrire exactement trois constats pour la page d’accueil",
        ar="صفوا ثلاث خلاصات بالضبط لصفحة الاستقبال",
        en="describe exactly three findings for the home page",
    ),
    "edition.changed": Text(
        fr="une édition publiée ne change jamais : donner un nouveau numéro et la raison de la révision",
        ar="لا تتغير طبعة منشورة أبدا: أعطوا رقما جديدا وسبب المراجعة",
        en="a published edition never changes: give a new number and the reason of the revision",
    ),
    "structure.wrong": Text(
        fr="corriger la structure : nom, rôle et type de chaque colonne, comme dans docs/confidential-store.md",
        ar="صححوا البنية: اسم كل عمود ودوره ونوعه، كما في docs/confidential-store.md",
        en="correct the structure: name, role and kind of each column, as in docs/confidential-store.md",
    ),
    "authorisation.half": Text(
        fr="donner le numéro de l’autorisation de la CNDP et son jour, ou aucun des deux",
        ar="اذكروا رقم ترخيص اللجنة الوطنية لمراقبة حماية المعطيات ذات الطابع الشخصي ويومه، أو لا تذكروا أيا منهما",
        en="give the number of the CNDP’s authorisation and its day, or neither",
    ),
    "removal.in_use": Text(
        fr="garder l’entrée (la dater de sa fin) : des éditions publiées s’y réfèrent",
        ar="احتفظوا بالمدخل (مع تاريخ نهايته): تحيل إليه طبعات منشورة",
        en="keep the entry (date its end): published editions refer to it",
    ),
}


@dataclass(frozen=True, order=True)
class Problem:
    """Which file and line, which rule, what was found. The remedy belongs to the rule."""

    file: str
    line: int
    rule: str
    found: str

    def __post_init__(self) -> None:
        if self.rule not in REMEDIES:
            raise Refused("problem.rule", found=self.rule, remedy="add the rule with its remedy to REMEDIES")

    def remedy(self, language: str) -> str:
        return REMEDIES[self.rule].in_language(language)


class PackHasProblems(ValueError):
    """The pack cannot be loaded; every problem is in ``problems``."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems in the city pack")
        self.problems = sorted(set(problems))
