"""What survey estimates take for true and what their intervals mean, in the three languages."""

from __future__ import annotations

from typing import Final

from migstat.model import Assumption, Text

PROBABILITY_SAMPLE: Final = Assumption(
    "survey.probability_sample",
    Text(
        fr="Chaque personne de la population visée avait une chance connue et non nulle d'être tirée.",
        ar="كان لكل فرد من المجتمع المستهدف احتمال معلوم وغير معدوم للسحب في العينة.",
        en="Everyone in the target population had a known chance, above zero, of being drawn.",
    ),
    Text(
        fr="Avec un échantillon par quotas ou de volontaires, l'intervalle ne dit rien de l'écart à la vérité.",
        ar="إذا كانت العينة حصصية أو من متطوعين، فلا يدل المجال على مقدار البعد عن القيمة الحقيقية.",
        en="With a quota sample or volunteers the interval says nothing about the distance to the truth.",
    ),
)

DESIGN_KNOWN: Final = Assumption(
    "survey.design_known",
    Text(
        fr="Les strates, les unités primaires et les poids décrivent le tirage tel qu'il a eu lieu.",
        ar="تصف الطبقات والوحدات الأولية والأوزان عملية السحب كما جرت فعلاً.",
        en="Strata, primary sampling units and weights describe the draw as it took place.",
    ),
    Text(
        fr="Si les grappes sont oubliées, l'intervalle est trop étroit, souvent de moitié.",
        ar="إذا أُهملت العناقيد جاء المجال أضيق مما يجب، وقد يصل ذلك إلى النصف.",
        en="When clusters are forgotten the interval is too narrow, often by half.",
    ),
)

RESPONSE_EXPLAINED: Final = Assumption(
    "survey.response_explained",
    Text(
        fr="À poids corrigés, répondants et non-répondants ne diffèrent pas sur la variable étudiée.",
        ar="بعد تصحيح الأوزان، لا يختلف المجيبون عن غير المجيبين في المتغير المدروس.",
        en="Once weights are adjusted, those who answered do not differ from those who did not.",
    ),
    Text(
        fr="Sinon l'estimation est décalée d'une quantité que l'intervalle ne montre pas.",
        ar="وإلا انزاح التقدير بمقدار لا يظهره المجال.",
        en="Otherwise the estimate is shifted by an amount that the interval does not show.",
    ),
)

ENOUGH_UNITS: Final = Assumption(
    "survey.enough_units",
    Text(
        fr="Il y a assez d'unités primaires (une trentaine) pour que l'approximation de Taylor tienne.",
        ar="عدد الوحدات الأولية كافٍ (نحو ثلاثين) لتصح مقاربة تايلور.",
        en="There are enough primary sampling units (about thirty) for the Taylor approximation to hold.",
    ),
    Text(
        fr="Avec peu d'unités ou une variable très dissymétrique, l'intervalle à 95 % couvre moins de 95 fois sur 100.",
        ar="مع عدد قليل من الوحدات أو متغير شديد الالتواء، يغطي مجال 95 % أقل من 95 مرة من كل 100.",
        en="With few units or a very skewed variable the 95 % interval covers fewer than 95 times in 100.",
    ),
)

SURVEY_ASSUMPTIONS: Final = (PROBABILITY_SAMPLE, DESIGN_KNOWN, RESPONSE_EXPLAINED, ENOUGH_UNITS)

DIFFERENCE_OVERLAP: Final = Assumption(
    "survey.overlap_known",
    Text(
        fr="Les unités primaires communes aux deux enquêtes portent le même identifiant dans les deux.",
        ar="تحمل الوحدات الأولية المشتركة بين البحثين المعرّف نفسه في كليهما.",
        en="Primary sampling units that both surveys share carry the same identifier in both.",
    ),
    Text(
        fr="Si l'on ignore la partie commune, l'erreur type de l'évolution est fausse: d'ordinaire trop grande.",
        ar="إذا أُهمل الجزء المشترك كان الخطأ المعياري للتغير خاطئاً، وغالباً ما يكون أكبر من اللازم.",
        en="When the shared part is ignored the standard error of the change is wrong, usually too large.",
    ),
)

MODEL_IS_SUMMARY: Final = Assumption(
    "survey.model_summary",
    Text(
        fr="Les coefficients résument la population selon le modèle écrit; ils ne sont pas des effets causaux.",
        ar="تلخص المعاملات المجتمع وفق النموذج المكتوب، وليست آثاراً سببية.",
        en="The coefficients summarise the population by the model as written; they are not causal effects.",
    ),
    Text(
        fr="Si une variable qui compte manque, le coefficient d'une autre en porte la trace.",
        ar="إذا غاب متغير مؤثر انعكس أثره على معامل متغير آخر.",
        en="When a variable that matters is left out, the coefficient of another carries its trace.",
    ),
)

MEANING_OF_INTERVAL: Final = Text(
    fr=(
        "Si l'on refaisait l'enquête un grand nombre de fois de la même manière, environ 95 intervalles sur 100 (au "
        "niveau de 95 %) contiendraient la valeur que donnerait l'interrogation de toute la population. L'intervalle ne "
        "compte que le hasard du tirage: un refus lié au sujet, une base incomplète ou une question mal comprise n'y "
        "sont pas."
    ),
    ar=(
        "لو أُعيد البحث مرات كثيرة بالطريقة نفسها، لاحتوى نحو 95 مجالاً من كل 100 (عند مستوى 95 %) القيمة التي كنا "
        "سنحصل عليها لو سُئل جميع السكان. لا يحسب المجال إلا صدفة السحب، ولا يشمل الرفض المرتبط بالموضوع ولا نقص "
        "قاعدة المعاينة ولا سوء فهم السؤال."
    ),
    en=(
        "If the survey were repeated many times in the same way, about 95 intervals in 100 (at the 95 % level) would "
        "hold the value that asking everyone would give. The interval counts the luck of the draw alone: refusals linked "
        "to the subject, an incomplete frame or a misunderstood question are not in it."
    ),
)

MEANING_OF_DIFFERENCE: Final = Text(
    fr=(
        "L'intervalle porte sur l'écart lui-même et tient compte de ce que les deux estimations ont en commun. S'il ne "
        "contient pas 0, l'écart dépasse ce que le seul hasard du tirage explique. Deux intervalles séparés qui se "
        "chevauchent ne prouvent pas l'absence d'écart."
    ),
    ar=(
        "يخص المجال الفرق نفسه ويراعي ما هو مشترك بين التقديرين. إذا لم يتضمن المجال الصفر فالفرق أكبر مما تفسره صدفة "
        "السحب وحدها. أما تداخل مجالين منفصلين فلا يثبت انعدام الفرق."
    ),
    en=(
        "The interval is about the difference itself and takes account of what the two estimates share. When it does "
        "not hold 0, the difference is larger than the luck of the draw alone explains. Two separate intervals that "
        "overlap do not prove that there is no difference."
    ),
)

MEANING_OF_TEST: Final = Text(
    fr=(
        "Le nombre est une statistique F de Rao et Scott; il n'a pas d'intervalle. Une petite valeur p dit que le lien "
        "entre les deux variables dépasse le hasard du tirage, non qu'il est fort ni qu'il est causal. Des non-réponses "
        "liées aux deux variables le fausseraient."
    ),
    ar=(
        "العدد إحصائية F لراو وسكوت وليس له مجال. تدل قيمة p الصغيرة على أن الارتباط بين المتغيرين يتجاوز صدفة السحب، لا "
        "على أنه قوي أو سببي. ويفسده عدم استجابة مرتبط بالمتغيرين معاً."
    ),
    en=(
        "The number is an F statistic of Rao and Scott; it has no interval. A small p value says that the link between "
        "the two variables is more than the luck of the draw, not that it is strong or causal. Non-response linked to "
        "both variables would spoil it."
    ),
)

DESIGN_EFFECT: Final = Text(
    fr="Effet de plan: variance obtenue rapportée à celle d'un tirage simple de même taille.",
    ar="أثر التصميم: نسبة التباين المحصل إلى تباين عينة عشوائية بسيطة من الحجم نفسه.",
    en="Design effect: the variance obtained, relative to that of a simple draw of the same size.",
)
P_VALUE: Final = Text(
    fr="Valeur p du test bilatéral de l'hypothèse nulle.",
    ar="قيمة p للاختبار الثنائي الطرف لفرضية العدم.",
    en="p value of the two-sided test of the null hypothesis.",
)
DEGREES_OF_FREEDOM: Final = Text(
    fr="Degrés de liberté du plan: unités primaires moins strates.",
    ar="درجات حرية التصميم: عدد الوحدات الأولية ناقص عدد الطبقات.",
    en="Degrees of freedom of the design: primary sampling units less strata.",
)
CASES_IN_DOMAIN: Final = Text(
    fr="Nombre d'observations du domaine; sous 30, à lire avec prudence.",
    ar="عدد المشاهدات في المجال المدروس؛ إذا قل عن 30 وجب الحذر في القراءة.",
    en="Number of observations in the domain; below 30, to be read with care.",
)
