"""What a composite index takes for true and what its scores, ranks and shares mean, in the three languages."""

from __future__ import annotations

from typing import Final

from migstat.model import Assumption, Text

THEORY: Final = Assumption(
    "composite.framework",
    Text(
        fr="Les indicateurs retenus décrivent la vulnérabilité telle que le cadre de référence la définit.",
        ar="تصف المؤشرات المختارة الهشاشة كما يعرّفها الإطار المرجعي.",
        en="The indicators chosen describe vulnerability as the framework defines it.",
    ),
    Text(
        fr="Un indicateur absent ou hors sujet change le classement sans laisser de trace dans l'intervalle.",
        ar="غياب مؤشر أو إدراج مؤشر غير ملائم يغيّر الترتيب دون أن يظهر ذلك في المجال.",
        en="An indicator that is absent or beside the point changes the ranking and leaves no trace in the interval.",
    ),
)

WEIGHTS_ARE_VALUES: Final = Assumption(
    "composite.weights",
    Text(
        fr="Les poids disent l'importance que la ville donne à chaque thème; ils sont un choix, non une mesure.",
        ar="تعبّر الأوزان عن الأهمية التي توليها المدينة لكل محور؛ فهي اختيار وليست قياساً.",
        en="The weights say how much each theme matters to the city; they are a choice, not a measurement.",
    ),
    Text(
        fr="Avec d'autres poids, des unités de rangs voisins changent de place.",
        ar="مع أوزان أخرى تتبادل الوحدات المتقاربة في الترتيب مواقعها.",
        en="With other weights, units of neighbouring rank change places.",
    ),
)

COMPENSATION: Final = Assumption(
    "composite.compensation",
    Text(
        fr="La moyenne arithmétique laisse un bon résultat compenser un mauvais; la géométrique moins, Condorcet pas du tout.",
        ar="يسمح المتوسط الحسابي بأن تعوّض نتيجة جيدة نتيجة سيئة، والهندسي أقل منه، أما كوندورسيه فلا يسمح بذلك.",
        en="An arithmetic mean lets a good result make up for a bad one; a geometric one less, Condorcet not at all.",
    ),
    Text(
        fr="Si les manques ne se compensent pas dans la vie des gens, la moyenne arithmétique les cache.",
        ar="إذا كانت أوجه النقص لا تتعاوض في حياة الناس فإن المتوسط الحسابي يخفيها.",
        en="Where shortfalls do not make up for each other in people's lives, the arithmetic mean hides them.",
    ),
)

ERRORS_KNOWN: Final = Assumption(
    "composite.errors_known",
    Text(
        fr="Les erreurs types données pour les indicateurs sont les vraies, et les erreurs sont indépendantes.",
        ar="الأخطاء المعيارية المعطاة للمؤشرات صحيحة، والأخطاء مستقلة بعضها عن بعض.",
        en="The standard errors given for the indicators are right, and the errors independent of each other.",
    ),
    Text(
        fr="Des erreurs communes à toutes les unités élargissent les intervalles de rang plus qu'il ne faut; "
        "des erreurs oubliées les rétrécissent.",
        ar="الأخطاء المشتركة بين جميع الوحدات توسّع مجالات الرتب أكثر مما يلزم، والأخطاء المهملة تضيّقها.",
        en="Errors that all units share make the intervals of ranks wider than need be; errors left out make them narrower.",
    ),
)

CHOICES_COVERED: Final = Assumption(
    "composite.choices_covered",
    Text(
        fr="Les variantes proposées (normalisation, agrégation, poids) couvrent les choix défendables.",
        ar="تغطي البدائل المقترحة (التطبيع والتجميع والأوزان) الاختيارات التي يمكن الدفاع عنها.",
        en="The alternatives given (normalisation, aggregation, weights) cover the choices that can be defended.",
    ),
    Text(
        fr="L'intervalle ne dit rien des variantes qui n'ont pas été essayées.",
        ar="لا يدل المجال على شيء بشأن البدائل التي لم تُجرَّب.",
        en="The interval says nothing about alternatives that were not tried.",
    ),
)

INDEX_ASSUMPTIONS: Final = (THEORY, WEIGHTS_ARE_VALUES, COMPENSATION)
UNCERTAINTY_ASSUMPTIONS: Final = (*INDEX_ASSUMPTIONS, ERRORS_KNOWN, CHOICES_COVERED)

MEANING_OF_SCORE: Final = Text(
    fr=(
        "Le score résume les indicateurs de l'unité selon la recette écrite. Il n'a pas d'intervalle à lui seul: il faut "
        "l'analyse d'incertitude pour savoir quels écarts de rang sont réels. Un autre choix d'indicateurs, de poids ou "
        "d'agrégation donnerait un autre score."
    ),
    ar=(
        "تلخص الدرجة مؤشرات الوحدة وفق الوصفة المكتوبة. وليس لها مجال بمفردها: لا بد من تحليل عدم اليقين لمعرفة أي فروق "
        "الترتيب حقيقية. واختيار آخر للمؤشرات أو الأوزان أو التجميع يعطي درجة أخرى."
    ),
    en=(
        "The score sums up the unit's indicators by the recipe as written. It has no interval by itself: the uncertainty "
        "analysis tells which differences of rank are real. Another choice of indicators, weights or aggregation would "
        "give another score."
    ),
)

MEANING_OF_RANK: Final = Text(
    fr=(
        "L'intervalle contient le rang de l'unité dans 95 % (au niveau de 95 %) des calculs refaits en tirant au hasard "
        "les erreurs des données et les choix de méthode. Deux unités dont les intervalles se recouvrent ne devraient pas "
        "être classées l'une devant l'autre. Il ne couvre que les doutes qui lui ont été donnés."
    ),
    ar=(
        "يتضمن المجال رتبة الوحدة في 95 % (عند مستوى 95 %) من الحسابات المعادة بسحب أخطاء البيانات واختيارات المنهج "
        "عشوائياً. ولا ينبغي تقديم وحدة على أخرى إذا تداخل مجالاهما. ولا يشمل المجال إلا أوجه الشك التي أُدخلت فيه."
    ),
    en=(
        "The interval holds the unit's rank in 95 % (at the 95 % level) of calculations repeated with errors of the data "
        "and choices of method drawn at random. Two units whose intervals overlap should not be ranked one before the "
        "other. It covers only the doubts that were given to it."
    ),
)

MEANING_OF_SENSITIVITY: Final = Text(
    fr=(
        "L'indice total de Sobol est la part de la variance du déplacement moyen des rangs qui disparaîtrait si ce choix "
        "était fixé, ses interactions comprises. L'intervalle vient du nombre fini de calculs, non des données. La somme "
        "des indices totaux dépasse 1 quand les choix agissent ensemble."
    ),
    ar=(
        "مؤشر سوبول الكلي هو حصة تباين متوسط تغير الرتب التي تزول لو ثُبّت هذا الاختيار، بما في ذلك تفاعلاته. ومصدر "
        "المجال هو العدد المحدود من الحسابات لا البيانات. ويتجاوز مجموع المؤشرات الكلية 1 عندما تتفاعل الاختيارات."
    ),
    en=(
        "Sobol's total index is the share of the variance of the mean shift of ranks that would vanish if this choice were "
        "fixed, its interactions included. The interval comes from the finite number of calculations, not from the data. "
        "Total indices add up to more than 1 where choices act together."
    ),
)

IMPUTED: Final = Text(
    fr="Indicateurs de l'unité dont la valeur manquait et a été imputée.",
    ar="مؤشرات الوحدة التي كانت قيمتها ناقصة وجرى تقديرها.",
    en="Indicators of the unit whose value was missing and was imputed.",
)
RANK_RANGE: Final = Text(
    fr="Largeur de l'intervalle de rang, rapportée au nombre d'unités; au-dessus de la moitié, le rang ne dit presque rien.",
    ar="عرض مجال الرتبة منسوباً إلى عدد الوحدات؛ إذا تجاوز النصف فالرتبة تكاد لا تدل على شيء.",
    en="Width of the interval of the rank relative to the number of units; above one half the rank says next to nothing.",
)
FIRST_ORDER: Final = Text(
    fr="Part de la variance due à ce choix pris seul.",
    ar="حصة التباين العائدة إلى هذا الاختيار بمفرده.",
    en="Share of the variance that is due to this choice alone.",
)
