"""What the methods of multiple systems estimation take for true, in the three languages."""

from __future__ import annotations

from typing import Final

from migstat.model import Assumption, Text

CLOSED: Final = Assumption(
    "closed_population",
    Text(
        "La population est fermée : personne n'arrive ni ne part entre les listes.",
        "المجتمع المدروس مغلق: لا أحد يدخله أو يغادره بين تاريخ قائمة وأخرى.",
        "The population is closed: nobody arrives or leaves between the lists.",
    ),
    Text(
        "Des personnes parties ne peuvent plus être revues : les recoupements diminuent et l'effectif est surestimé.",
        "من غادر لا يمكن أن يظهر مرة أخرى، فتقل التقاطعات ويُقدَّر الحجم بأكثر من حقيقته.",
        "People who left cannot be met again: overlaps shrink and the size is overestimated.",
    ),
)

LINKED: Final = Assumption(
    "perfect_linkage",
    Text(
        "Chaque personne présente sur plusieurs listes est reconnue, et personne n'est confondu avec une autre.",
        "كل شخص مسجل في عدة قوائم يُتعرَّف عليه، ولا يُخلَط بين شخصين.",
        "Each person on several lists is recognised, and nobody is mistaken for another.",
    ),
    Text(
        "Un lien manqué retire un recoupement et gonfle l'effectif ; un faux lien le réduit.",
        "كل ربط ضائع يحذف تقاطعا فيضخم التقدير، وكل ربط خاطئ يخفضه.",
        "A missed link removes an overlap and inflates the size; a false link reduces it.",
    ),
)

INDEPENDENT: Final = Assumption(
    "independent_lists",
    Text(
        "Figurer sur une liste ne change pas la chance de figurer sur une autre.",
        "الوجود في قائمة لا يغيّر احتمال الوجود في قائمة أخرى.",
        "To be on one list does not change the chance of being on another.",
    ),
    Text(
        "Des listes qui s'envoient des personnes se recoupent trop : l'effectif est sous-estimé ; "
        "des listes qui s'évitent : il est surestimé.",
        "القوائم التي تتبادل الإحالات تتقاطع أكثر من اللازم فيُقدَّر الحجم بأقل من حقيقته، والقوائم المتنافرة تعطي العكس.",
        "Lists that refer people to each other overlap too much: the size is underestimated; "
        "lists that avoid each other: overestimated.",
    ),
)

HOMOGENEOUS: Final = Assumption(
    "equal_catchability",
    Text(
        "Sur une liste donnée, tous ont la même chance de figurer.",
        "في كل قائمة، للجميع الاحتمال نفسه في الظهور.",
        "On a given list, everybody has the same chance of appearing.",
    ),
    Text(
        "Les personnes difficiles à voir le sont partout : l'effectif est sous-estimé. Stratifier réduit l'erreur.",
        "من يصعب رصدهم يصعب رصدهم في كل مكان، فيُقدَّر الحجم بأقل من حقيقته. والتقسيم إلى طبقات يقلل الخطأ.",
        "People who are hard to see are so everywhere: the size is underestimated. Stratifying reduces the error.",
    ),
)

NO_HIGHEST_INTERACTION: Final = Assumption(
    "no_highest_interaction",
    Text(
        "Les dépendances entre listes sont celles du modèle ; aucune n'implique toutes les listes à la fois.",
        "الارتباطات بين القوائم هي تلك الواردة في النموذج، ولا ارتباط يشمل القوائم كلها معا.",
        "The dependences between lists are those of the model; none involves all lists at once.",
    ),
    Text(
        "Aucune donnée ne peut révéler une telle dépendance : l'effectif peut être faux de n'importe quelle quantité.",
        "لا يمكن لأي معطيات أن تكشف ارتباطا كهذا، وقد يبتعد التقدير عن الحقيقة بأي مقدار.",
        "No data can reveal such a dependence: the size may be wrong by any amount.",
    ),
)

MODEL_CHOSEN: Final = Assumption(
    "model_among_those_tried",
    Text(
        "L'un des modèles essayés décrit bien les dépendances entre les listes.",
        "أحد النماذج المجرَّبة يصف الارتباطات بين القوائم وصفا جيدا.",
        "One of the models tried describes the dependences between the lists well.",
    ),
    Text(
        "Des modèles également plausibles peuvent donner des effectifs très différents : lire la fourchette, "
        "pas le seul chiffre.",
        "قد تعطي نماذج متساوية في المعقولية أحجاما متباعدة جدا: تُقرأ الحدود لا الرقم وحده.",
        "Equally plausible models may give very different sizes: read the range, not the number alone.",
    ),
)

DECOMPOSABLE: Final = Assumption(
    "decomposable_graph",
    Text(
        "Les dépendances entre listes forment un graphe décomposable.",
        "الارتباطات بين القوائم تشكل بيانا قابلا للتفكيك.",
        "The dependences between lists form a decomposable graph.",
    ),
    Text(
        "Une structure hors de cette famille est approchée par ses voisines et l'intervalle est trop étroit.",
        "كل بنية خارج هذه العائلة تُقرَّب بجاراتها فيأتي المجال أضيق مما ينبغي.",
        "A structure outside the family is approximated by its neighbours and the interval is too narrow.",
    ),
)

LATENT_CLASSES: Final = Assumption(
    "latent_classes",
    Text(
        "La population est un mélange de groupes non observés ; dans chaque groupe les listes sont indépendantes.",
        "المجتمع خليط من فئات غير مرصودة، والقوائم مستقلة داخل كل فئة.",
        "The population is a mixture of unobserved groups; within each group the lists are independent.",
    ),
    Text(
        "Un groupe absent de toutes les listes reste invisible ; une dépendance négative est mal décrite.",
        "كل فئة غائبة عن كل القوائم تبقى خفية، والارتباط السلبي لا يُوصف جيدا.",
        "A group absent from every list stays invisible; negative dependence is described badly.",
    ),
)

HETEROGENEITY_FORM: Final = Assumption(
    "heterogeneity_form",
    Text(
        "La chance d'être vu varie entre personnes selon la forme choisie par le modèle.",
        "احتمال الرصد يختلف بين الأشخاص وفق الشكل الذي يفترضه النموذج.",
        "The chance of being seen varies between people in the form that the model takes.",
    ),
    Text(
        "Les données ne distinguent guère ces formes alors que leurs effectifs diffèrent beaucoup.",
        "لا تكاد المعطيات تميّز بين هذه الأشكال، مع أن الأحجام الناتجة عنها متباعدة.",
        "The data hardly tell these forms apart, while their sizes differ much.",
    ),
)

LOWER_BOUND: Final = Assumption(
    "singletons_like_unseen",
    Text(
        "Les personnes vues une seule fois ressemblent à celles qui ne l'ont jamais été.",
        "من رُصدوا مرة واحدة يشبهون من لم يُرصدوا قط.",
        "People seen once are like people never seen.",
    ),
    Text(
        "Sinon l'estimation n'est qu'une borne inférieure ; des doublons non reconnus la gonflent.",
        "وإلا فالتقدير حد أدنى فقط، وتضخّمه الازدواجات غير المكتشفة.",
        "Otherwise the estimate is only a lower bound; unrecognised duplicates inflate it.",
    ),
)

TRAP_RESPONSE: Final = Assumption(
    "trap_response",
    Text(
        "La première capture change la chance des suivantes de la même façon pour tous.",
        "الرصد الأول يغيّر احتمال الرصد اللاحق بالطريقة نفسها للجميع.",
        "The first capture changes the chance of later ones in the same way for everybody.",
    ),
    Text(
        "L'effectif dépend de la seule baisse des premières captures : il est instable si elle est faible.",
        "يعتمد الحجم على تناقص حالات الرصد الأول وحده، فلا يستقر إذا كان التناقص ضعيفا.",
        "The size rests on the decline of first captures alone: it is unstable when the decline is slight.",
    ),
)

OPEN_EQUAL: Final = Assumption(
    "open_equal_survival",
    Text(
        "Entre deux périodes, tous les présents ont la même chance de rester ; les départs sont définitifs.",
        "بين فترتين، لكل الحاضرين الاحتمال نفسه في البقاء، والمغادرة نهائية.",
        "Between two periods all who are present have the same chance of staying; departures are for good.",
    ),
    Text(
        "Des absences temporaires faussent les probabilités de capture et les effectifs de chaque période.",
        "الغياب المؤقت يفسد احتمالات الرصد وأحجام كل فترة.",
        "Temporary absences distort the capture probabilities and the size of each period.",
    ),
)

LINKAGE_DRAWS: Final = Assumption(
    "linkage_draws",
    Text(
        "Les tirages du couplage représentent l'incertitude sur qui est qui.",
        "سحوبات الربط تمثل عدم اليقين في هوية الأشخاص.",
        "The draws of the linkage represent the uncertainty about who is who.",
    ),
    Text(
        "Des tirages trop semblables donnent un intervalle trop étroit.",
        "السحوبات المتشابهة أكثر من اللازم تعطي مجالا أضيق مما ينبغي.",
        "Draws that are too alike give an interval that is too narrow.",
    ),
)

INDEPENDENT_STRATA: Final = Assumption(
    "independent_strata",
    Text(
        "Chaque personne est dans une seule strate, la même sur toutes les listes.",
        "كل شخص في طبقة واحدة، هي نفسها في كل القوائم.",
        "Each person is in one stratum, the same on every list.",
    ),
    Text(
        "Une personne classée différemment selon les listes ne se recoupe plus : l'effectif est surestimé.",
        "من صُنّف تصنيفا مختلفا بين القوائم لا يتقاطع معها، فيُقدَّر الحجم بأكثر من حقيقته.",
        "A person classed differently on two lists no longer overlaps: the size is overestimated.",
    ),
)


def meaning_of(point: Text, interval: Text, breaks: Text) -> Text:
    """One paragraph from three sentences: what the number is, what its interval means, what would break it."""
    return Text(
        *(" ".join(part.in_language(code) for part in (point, interval, breaks)) for code in ("fr", "ar", "en"))
    )


CONFIDENCE: Final = Text(
    "Si l'on refaisait les listes de nombreuses fois, l'intervalle contiendrait le vrai effectif à la fréquence "
    "annoncée, à condition que les hypothèses tiennent.",
    "لو أُعدّت القوائم مرات كثيرة لاحتوى المجال الحجم الحقيقي بالنسبة المعلنة، شرط صحة الفرضيات.",
    "If the lists were drawn many times, the interval would contain the true size as often as stated, provided the "
    "assumptions hold.",
)

CREDIBLE: Final = Text(
    "Selon les données et les lois a priori, le vrai effectif est dans l'intervalle avec la probabilité annoncée.",
    "وفق المعطيات والتوزيعات القبلية، يقع الحجم الحقيقي داخل المجال بالاحتمال المعلن.",
    "Given the data and the prior distributions, the true size lies in the interval with the stated probability.",
)

DEPENDENCE_BREAKS: Final = Text(
    "Une dépendance entre listes que le modèle ignore, un lien manqué ou un groupe absent de toutes les listes le "
    "rendraient faux.",
    "ويفسده كل ارتباط بين القوائم يغفله النموذج، وكل ربط ضائع، وكل فئة غائبة عن كل القوائم.",
    "A dependence between lists that the model ignores, a missed link or a group absent from every list would make "
    "it wrong.",
)
