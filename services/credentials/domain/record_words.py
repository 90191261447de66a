"""What stands on a record's page and paper besides what it shows, in each language that there are words for."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """`statuses` are by status, `kinds` and `notes` by kind of achievement."""

    language: str
    direction: str
    kinds: Mapping[str, str]
    notes: Mapping[str, str]
    statuses: Mapping[str, str]
    issuer: str
    made: str
    extent: str
    whole: str
    part: str
    learner: str
    level: str
    evaluator: str
    endorsed: str
    corresponds: str
    earned: str
    valid_until: str
    status_on: str
    scan: str
    code: str
    paper: str


ENGLISH = Words(
    language="en",
    direction="ltr",
    kinds={"competency": "Shown by assessment", "engagement": "Taking part"},
    notes={"competency": "Somebody other than the learner looked at evidence and found that the level was reached.",
           "engagement": "The learner took part. Nobody assessed what they are able to do."},
    statuses={"issued": "holds", "suspended": "suspended", "revoked": "revoked", "expired": "expired",
              "superseded": "holds; there is a newer one"},
    issuer="Issued by",
    made="Made on",
    extent="Shows",
    whole="all of the learner's credentials that held then",
    part="a part that the learner chose",
    learner="Learner",
    level="Level",
    evaluator="Evaluated by",
    endorsed="Endorsed by",
    corresponds="Corresponds to",
    earned="Earned on",
    valid_until="Valid until",
    status_on="Status on {date}",
    scan="Scan this code, or open the address, to check the record and what is in it.",
    code="QR code of the address {address}",
    paper="The same as PDF",
)
SPANISH = Words(
    language="es",
    direction="ltr",
    kinds={"competency": "Demostrado en una evaluación", "engagement": "Participación"},
    notes={"competency": "Una persona distinta del estudiante examinó pruebas y concluyó que se alcanzó el nivel.",
           "engagement": "El estudiante participó. Nadie evaluó lo que sabe hacer."},
    statuses={"issued": "vigente", "suspended": "suspendida", "revoked": "revocada", "expired": "caducada",
              "superseded": "vigente; hay una más reciente"},
    issuer="Emitido por",
    made="Elaborado el",
    extent="Muestra",
    whole="todas las credenciales del estudiante vigentes en esa fecha",
    part="una parte que el estudiante eligió",
    learner="Estudiante",
    level="Nivel",
    evaluator="Evaluado por",
    endorsed="Avalado por",
    corresponds="Equivale a",
    earned="Obtenido el",
    valid_until="Válido hasta el",
    status_on="Estado el {date}",
    scan="Escanee este código o abra la dirección para comprobar el registro y lo que contiene.",
    code="Código QR de la dirección {address}",
    paper="Lo mismo en PDF",
)
ARABIC = Words(
    language="ar",
    direction="rtl",
    kinds={"competency": "ثبت بالتقييم", "engagement": "المشاركة"},
    notes={"competency": "نظر شخص غير المتعلم في الأدلة ووجد أن المستوى المطلوب قد تحقق.",
           "engagement": "شارك المتعلم، ولم يقيّم أحد ما يستطيع فعله."},
    statuses={"issued": "سارية", "suspended": "معلقة", "revoked": "ملغاة", "expired": "منتهية الصلاحية",
              "superseded": "سارية، وهناك أحدث منها"},
    issuer="جهة الإصدار",
    made="تاريخ الإعداد",
    extent="المحتوى",
    whole="جميع شهادات المتعلم السارية في ذلك التاريخ",
    part="جزء اختاره المتعلم",
    learner="المتعلم",
    level="المستوى",
    evaluator="جهة التقييم",
    endorsed="جهة التزكية",
    corresponds="يقابل",
    earned="تاريخ الاستحقاق",
    valid_until="صالحة حتى",
    status_on="الحالة في {date}",
    scan="امسح هذا الرمز أو افتح العنوان للتحقق من السجل ومما فيه.",
    code="رمز الاستجابة السريعة للعنوان {address}",
    paper="السجل نفسه بصيغة PDF",
)
LANGUAGES = {each.language: each for each in (ENGLISH, SPANISH, ARABIC)}
