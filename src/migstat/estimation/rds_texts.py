"""What the estimators of respondent-driven samples take for true, and what their intervals mean, in three languages."""

from __future__ import annotations

from migstat.model import Assumption, Text

RECIPROCITY = Assumption(
    "rds.reciprocity",
    Text(
        fr="Les liens sont réciproques : si une personne en connaît une autre, l'autre la connaît aussi.",
        ar="العلاقات متبادلة: إذا كان شخص يعرف آخر فإن الآخر يعرفه أيضًا.",
        en="Ties are mutual: whoever knows a person is known by that person.",
    ),
    Text(
        fr="Les coupons vont aux personnes en vue, et leur groupe paraît plus grand qu'il n'est.",
        ar="تتجه القسائم نحو الأشخاص المعروفين أكثر من غيرهم، فتبدو فئتهم أكبر من حجمها الحقيقي.",
        en="Coupons drift to well-known people, and their group looks larger than it is.",
    ),
)
CONNECTED = Assumption(
    "rds.connected",
    Text(
        fr="La population forme un seul réseau : de proche en proche, chacun peut recevoir un coupon.",
        ar="يشكل السكان شبكة واحدة: يمكن أن تصل القسيمة إلى كل فرد من شخص إلى آخر.",
        en="The population is one network: a coupon can reach everyone from person to person.",
    ),
    Text(
        fr="Un groupe isolé (une langue, une communauté) manque entièrement, et rien dans l'échantillon ne le montre.",
        ar="تغيب فئة معزولة (لغة أو جماعة) غيابًا تامًا، ولا شيء في العينة يدل على ذلك.",
        en="An isolated group (a language, a community) is missing altogether, and nothing in the sample shows it.",
    ),
)
DEGREE = Assumption(
    "rds.degree",
    Text(
        fr="Chacun déclare correctement combien de membres de la population il connaît.",
        ar="يصرح كل شخص تصريحًا صحيحًا بعدد من يعرفهم من أفراد هذه الفئة من السكان.",
        en="Everyone reports correctly how many members of the population they know.",
    ),
    Text(
        fr="Si un groupe déclare le double, son poids est divisé par deux et sa part est sous-estimée d'autant.",
        ar="إذا صرحت فئة بضعف العدد الحقيقي انخفض وزنها إلى النصف وقُدرت حصتها بأقل من حقيقتها.",
        en="If one group reports twice the truth, its weight is halved and its share is underestimated accordingly.",
    ),
)
RANDOM_RECRUITMENT = Assumption(
    "rds.random_recruitment",
    Text(
        fr="Chacun remet ses coupons au hasard parmi ses connaissances, et qui en reçoit vient.",
        ar="يوزع كل شخص قسائمه عشوائيًا على معارفه، ومن يتسلم قسيمة يحضر.",
        en="Everyone passes coupons on at random among the people they know, and whoever gets one comes.",
    ),
    Text(
        fr="Le groupe préféré par les recruteurs, ou plus attiré par l'indemnité, est surestimé ; l'intervalle l'ignore.",
        ar="تُقدر الفئة التي يفضلها الموزعون أو التي يجذبها التعويض أكثر من غيرها بأكبر من حقيقتها، ولا يظهر ذلك في المجال.",
        en="The group that recruiters prefer, or that the reward attracts, is overestimated; the interval ignores it.",
    ),
)
EQUILIBRIUM = Assumption(
    "rds.equilibrium",
    Text(
        fr="Les chaînes sont assez longues pour que le choix des personnes de départ ne compte plus.",
        ar="سلاسل التوزيع طويلة بما يكفي ليزول أثر اختيار الأشخاص الأوائل.",
        en="Chains are long enough for the choice of the seeds to be forgotten.",
    ),
    Text(
        fr="L'estimation penche vers la composition des personnes de départ.",
        ar="يميل التقدير نحو تركيبة الأشخاص الأوائل.",
        en="The estimate leans towards the composition of the seeds.",
    ),
)
SMALL_FRACTION = Assumption(
    "rds.with_replacement",
    Text(
        fr="L'échantillon est petit devant la population, comme si l'on tirait avec remise.",
        ar="العينة صغيرة مقارنة بعدد السكان، كأن السحب يجري مع الإرجاع.",
        en="The sample is small beside the population, as if drawn with replacement.",
    ),
    Text(
        fr="Quand l'échantillon couvre une grande part de la population, les personnes très liées sont trop peu pesées ;"
        " l'échantillonnage successif corrige cela.",
        ar="حين تغطي العينة جزءًا كبيرًا من السكان ينقص وزن كثيري العلاقات أكثر مما ينبغي، وتصحح ذلك المعاينة المتتالية.",
        en="When the sample covers much of the population, well-connected people weigh too little; successive sampling"
        " corrects this.",
    ),
)
KNOWN_POPULATION = Assumption(
    "rds.population_size",
    Text(
        fr="La taille de la population est connue, ou comprise dans la fourchette donnée.",
        ar="حجم السكان معلوم أو يقع داخل النطاق المعطى.",
        en="The size of the population is known, or lies in the band that was given.",
    ),
    Text(
        fr="Une taille trop petite rapproche l'estimation de la moyenne brute, une taille trop grande de RDS-II.",
        ar="الحجم الأصغر من الحقيقة يقرب التقدير من المتوسط الخام، والأكبر منها يقربه من تقدير RDS-II.",
        en="Too small a size pulls the estimate to the plain mean, too large a size to RDS-II.",
    ),
)
SUCCESSIVE = Assumption(
    "rds.successive_sampling",
    Text(
        fr="À chaque pas, la personne suivante est tirée parmi celles qui restent, selon son nombre de connaissances.",
        ar="في كل خطوة يُسحب الشخص التالي من الباقين باحتمال يتناسب مع عدد معارفه.",
        en="At each step the next person is drawn from those left, in proportion to how many people they know.",
    ),
    Text(
        fr="Si les réseaux déclarés ne diminuent pas au fil de l'enquête, la taille vient surtout de l'a priori.",
        ar="إذا لم تتناقص أحجام الشبكات المصرح بها مع تقدم المسح جاء الحجم المقدر أساسًا من الافتراض المسبق.",
        en="If reported networks do not shrink as the survey goes on, the size comes mostly from the prior.",
    ),
)
PRIOR = Assumption(
    "rds.prior",
    Text(
        fr="La médiane donnée avant l'enquête pour la taille de la population est défendable.",
        ar="القيمة الوسطى المفترضة لحجم السكان قبل المسح قيمة يمكن الدفاع عنها.",
        en="The median size stated before the survey can be defended.",
    ),
    Text(
        fr="Le résultat suit l'a priori : refaites le calcul avec d'autres médianes et montrez-les toutes.",
        ar="تتبع النتيجة الافتراض المسبق: أعيدوا الحساب بقيم وسطى أخرى واعرضوها جميعًا.",
        en="The result follows the prior: repeat with other medians and show them all.",
    ),
)

MARKOV = (RECIPROCITY, CONNECTED, DEGREE, RANDOM_RECRUITMENT, EQUILIBRIUM, SMALL_FRACTION)
WITHOUT_REPLACEMENT = (RECIPROCITY, CONNECTED, DEGREE, RANDOM_RECRUITMENT, KNOWN_POPULATION)


def share_meaning(level: float | None) -> Text:
    """The meaning of a share: with the level of its interval, or None when no interval was asked for."""
    if level is None:
        return Text(
            fr="Part estimée de la population qui appartient à cette catégorie, chaque personne étant pesée selon sa"
            " chance d'être recrutée. Aucun intervalle n'a été demandé : ne publiez pas ce nombre seul.",
            ar="الحصة المقدرة من السكان المنتمين إلى هذه الفئة، مع ترجيح كل شخص بحسب احتمال وصول القسائم إليه. لم يُطلب"
            " أي مجال ثقة: لا تنشروا هذا العدد وحده.",
            en="Estimated share of the population in this category, everyone weighted by their chance of being"
            " recruited. No interval was asked for: do not publish this number alone.",
        )
    percent = f"{100 * level:g}"
    return Text(
        fr=f"Si l'on recommençait l'enquête de nombreuses fois sous les hypothèses énoncées, environ {percent} % des"
        " intervalles ainsi construits contiendraient la vraie part. L'intervalle ne couvre que le hasard du"
        " recrutement : un recrutement qui préfère un groupe, des réseaux mal déclarés ou un groupe isolé le rendent"
        " trompeur, sans l'élargir.",
        ar=f"لو أعيد المسح مرات كثيرة في ظل الافتراضات المذكورة لاحتوى نحو {percent} % من المجالات المحسوبة بهذه الطريقة"
        " الحصةَ الحقيقية. لا يغطي المجال سوى عشوائية التوزيع: فتفضيل فئة عند توزيع القسائم، أو الخطأ في التصريح بعدد"
        " المعارف، أو وجود فئة معزولة، كلها تجعله مضللًا دون أن توسعه.",
        en=f"If the survey were repeated many times under the stated assumptions, about {percent} % of the intervals"
        " made this way would hold the true share. The interval covers the chance of recruitment only: recruiters who"
        " prefer a group, misreported networks or an isolated group make it misleading without making it wider.",
    )


def band_meaning(level: float | None, low: float, high: float) -> Text:
    """The meaning of a share for every population size between ``low`` and ``high``."""
    words = share_meaning(level)
    return Text(
        fr=f"{words.fr} La taille de la population n'est pas connue : l'intervalle réunit ceux obtenus pour toutes les"
        f" tailles de {low:.0f} à {high:.0f}.",
        ar=f"{words.ar} حجم السكان غير معلوم: يجمع المجال ما حُصل عليه لكل الأحجام من {low:.0f} إلى {high:.0f}.",
        en=f"{words.en} The size of the population is not known: the interval joins those obtained for every size"
        f" from {low:.0f} to {high:.0f}.",
    )


HCG_MEANING = Text(
    fr="Part estimée de la population qui appartient à cette catégorie, en suivant pas à pas l'épuisement des groupes."
    " La méthode n'a pas d'intervalle ici : montrez-la à côté d'une estimation qui en a un. Elle suppose que l'ordre"
    " des lignes est celui du recrutement ; un ordre faux, ou des recruteurs qui choisissent, la trompent.",
    ar="الحصة المقدرة من السكان المنتمين إلى هذه الفئة، مع تتبع استنفاد الفئات خطوة بخطوة. ليس لهذه الطريقة مجال ثقة"
    " هنا: اعرضوها إلى جانب تقدير له مجال. وهي تفترض أن ترتيب الأسطر هو ترتيب التوزيع، ويضللها ترتيب خاطئ أو موزعون"
    " ينتقون من يعطونهم القسائم.",
    en="Estimated share of the population in this category, following step by step how groups are used up. The method"
    " has no interval here: show it beside an estimate that has one. It supposes rows in order of recruitment; a wrong"
    " order, or recruiters who choose, mislead it.",
)
HOMOPHILY_MEANING = Text(
    fr="Nombre de recrutements à l'intérieur d'un même groupe, rapporté à ce que donnerait un recrutement aveugle aux"
    " groupes : 1 signifie aucune préférence, 1,3 signifie 30 % de plus. L'intervalle vient de rééchantillonnages"
    " des chaînes. Il décrit les coupons remis, non l'amitié : une consigne donnée aux recruteurs le fausse.",
    ar="عدد حالات التوزيع داخل الفئة نفسها مقسومًا على ما يعطيه توزيع لا يراعي الفئات: القيمة 1 تعني انعدام التفضيل،"
    " والقيمة 1,3 تعني زيادة قدرها 30 %. يأتي المجال من إعادة معاينة السلاسل. وهو يصف القسائم الموزعة لا الصداقة،"
    " وتفسده أي تعليمات تُعطى للموزعين.",
    en="Recruitments within the same group, relative to what recruitment blind to groups would give: 1 means no"
    " preference, 1.3 means 30 % more. The interval comes from resampled chains. It describes coupons passed on, not"
    " friendship: an instruction given to recruiters distorts it.",
)
ACTIVITY_MEANING = Text(
    fr="Nombre moyen de connaissances dans le groupe, rapporté à celui du reste de la population. Loin de 1, la part"
    " brute de l'échantillon trompe et le choix de l'estimateur compte. L'intervalle vient de rééchantillonnages des"
    " chaînes et suppose des réseaux déclarés aussi bien par les uns que par les autres.",
    ar="متوسط عدد المعارف في الفئة مقسومًا على متوسطه لدى بقية السكان. إذا ابتعد عن 1 كانت الحصة الخام في العينة مضللة"
    " وصار اختيار المقدِّر مؤثرًا. يأتي المجال من إعادة معاينة السلاسل، ويفترض أن الجميع يصرحون بشبكاتهم بالدقة نفسها.",
    en="Average number of acquaintances in the group, relative to the rest of the population. Far from 1, the plain"
    " share in the sample misleads and the choice of estimator matters. The interval comes from resampled chains and"
    " supposes networks reported equally well by all.",
)


def size_meaning(level: float, prior_median: float) -> Text:
    """The meaning of a posterior population size."""
    percent = f"{100 * level:g}"
    return Text(
        fr=f"Sous le modèle et avec une médiane a priori de {prior_median:.0f}, la taille de la population se trouve"
        f" dans l'intervalle avec une probabilité de {percent} %. L'information vient de la diminution des réseaux"
        " déclarés au fil de l'enquête : si elle est faible, l'a priori décide. Comparez plusieurs a priori.",
        ar=f"في ظل النموذج وبقيمة وسطى مسبقة قدرها {prior_median:.0f} يقع حجم السكان داخل المجال باحتمال {percent} %. تأتي"
        " المعلومة من تناقص أحجام الشبكات المصرح بها مع تقدم المسح: فإن كان التناقص ضعيفًا حسم الافتراض المسبق النتيجة."
        " قارنوا بين عدة افتراضات مسبقة.",
        en=f"Under the model and with a prior median of {prior_median:.0f}, the size of the population lies in the"
        f" interval with probability {percent} %. The information comes from reported networks shrinking as the survey"
        " goes on: if they hardly do, the prior decides. Compare several priors.",
    )
