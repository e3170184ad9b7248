"""What the small-area methods take for true, said once for all of them."""

from __future__ import annotations

from typing import Final

from migstat.model import Assumption, Text

KNOWN_VARIANCES: Final = Assumption(
    "known_sampling_variances",
    Text(
        fr="Les variances d'échantillonnage des estimations directes sont connues.",
        ar="تباينات المعاينة للتقديرات المباشرة معروفة.",
        en="The sampling variances of the direct estimates are known.",
    ),
    Text(
        fr="Si elles sont elles-mêmes estimées sur peu d'enquêtés, l'erreur annoncée est trop petite : il faut les "
        "lisser d'abord.",
        ar="إذا قُدّرت هي نفسها من عدد قليل من المستجوبين فإن الخطأ المعلن يكون أصغر من الحقيقة، ويجب تنعيمها أولاً.",
        en="If they are themselves estimated from few respondents the stated error is too small: smooth them first.",
    ),
)
LINEAR_LINK: Final = Assumption(
    "linear_link",
    Text(
        fr="La valeur d'un territoire dépend linéairement des variables auxiliaires, qui sont connues sans erreur.",
        ar="قيمة كل منطقة تابعة خطياً للمتغيرات المساعدة، وهذه معروفة بلا خطأ.",
        en="The value of an area depends linearly on the covariates, which are known without error.",
    ),
    Text(
        fr="Un lien d'une autre forme, ou des auxiliaires périmés, biaise surtout les territoires à petit échantillon.",
        ar="إذا كانت العلاقة من شكل آخر أو كانت المتغيرات المساعدة قديمة، انحازت خصوصاً المناطق ذات العينات الصغيرة.",
        en="A link of another shape, or covariates out of date, biases above all the areas with small samples.",
    ),
)
NORMAL_EFFECTS: Final = Assumption(
    "normal_area_effects",
    Text(
        fr="Les écarts des territoires au modèle et les erreurs d'enquête suivent des lois normales.",
        ar="انحرافات المناطق عن النموذج وأخطاء المسح تتبع توزيعات طبيعية.",
        en="Deviations of areas from the model and survey errors are normal.",
    ),
    Text(
        fr="Un territoire très à part est trop tiré vers les autres, et son intervalle ne le contient plus.",
        ar="المنطقة الشاذة جداً تُسحب أكثر من اللازم نحو غيرها، فلا يعود مجالها يحتوي قيمتها.",
        en="An area far apart is pulled too much towards the others, and its interval no longer holds it.",
    ),
)
INDEPENDENT_AREAS: Final = Assumption(
    "independent_areas",
    Text(
        fr="Les écarts des territoires au modèle sont indépendants entre eux.",
        ar="انحرافات المناطق عن النموذج مستقلة بعضها عن بعض.",
        en="The deviations of the areas from the model are independent of each other.",
    ),
    Text(
        fr="Si les voisins se ressemblent, l'estimation reste utilisable mais le modèle spatial ferait mieux.",
        ar="إذا تشابهت المناطق المتجاورة يبقى التقدير صالحاً، لكن النموذج المكاني يكون أفضل.",
        en="If neighbours are alike the estimate can still be used, but the spatial model would do better.",
    ),
)
AREA_MEANING: Final = Text(
    fr="Chaque valeur mêle l'estimation directe du territoire et ce que prédit le modèle. Si le modèle est juste, "
    "environ 95 "
    "territoires sur 100 ont leur vraie valeur dans l'intervalle à 95 % ; cela vaut pour l'ensemble des territoires, "
    "pas pour "
    "chacun pris seul. Des variances d'échantillonnage fausses ou un lien non linéaire rompraient cette promesse.",
    ar="تمزج كل قيمة بين التقدير المباشر للمنطقة وما يتوقعه النموذج. إذا كان النموذج صحيحاً فإن القيمة الحقيقية تقع "
    "داخل مجال 95 % "
    "في نحو 95 منطقة من كل 100؛ ويصح هذا على مجموع المناطق لا على كل واحدة بمفردها. تباينات معاينة خاطئة أو علاقة "
    "غير خطية تنقض هذا الوعد.",
    en="Each value blends the area's direct estimate with what the model predicts. If the model is right, about 95 "
    "areas in "
    "100 have their true value inside the 95 % interval; this holds over all areas, not for each alone. Wrong "
    "sampling "
    "variances or a link that is not linear would break this promise.",
)
