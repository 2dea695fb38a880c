"""Countries by the names people write: French, English and own names of the EU, Switzerland, the UK and the US.

Which column a country comes from does not belong here. Canonical specification, section 3.7.
"""

from __future__ import annotations

from typing import Any

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import clean, look_up, to_plain_words

# A name in another alphabet is compared as written, the others without accents.
_NAMES = """
    AT: autriche, austria, osterreich, oesterreich
    BE: belgique, belgium, belgie, belgien
    BG: bulgarie, bulgaria, balgariya, българия
    CH: suisse, switzerland, schweiz, svizzera, svizra
    CY: chypre, cyprus, kypros, κύπρος, kibris
    CZ: tchequie, republique tcheque, czechia, czech republic, cesko, ceska republika
    DE: allemagne, germany, deutschland
    DK: danemark, denmark, danmark
    EE: estonie, estonia, eesti
    ES: espagne, spain, espana
    FI: finlande, finland, suomi
    FR: france, france metropolitaine
    GB: royaume uni, united kingdom, uk, grande bretagne, great britain, angleterre, england, ecosse, scotland
    GR: grece, greece, ellada, hellas, ελλάδα, el
    HR: croatie, croatia, hrvatska
    HU: hongrie, hungary, magyarorszag
    IE: irlande, ireland, eire
    IT: italie, italy, italia
    LT: lituanie, lithuania, lietuva
    LU: luxembourg, luxemburg, letzebuerg, grand duche de luxembourg
    LV: lettonie, latvia, latvija
    MT: malte, malta
    NL: pays bas, netherlands, the netherlands, nederland, hollande, holland
    PL: pologne, poland, polska
    PT: portugal
    RO: roumanie, romania
    SE: suede, sweden, sverige
    SI: slovenie, slovenia, slovenija
    SK: slovaquie, slovakia, slovensko
    US: etats unis, etats unis d'amerique, united states, united states of america, usa
"""


def _plain(names: Any) -> Any:
    """Names in Latin letters as plain words, others in lower case."""
    words = to_plain_words(names)
    return pc.if_else(pc.equal(words, ""), pc.utf8_lower(names), words)


def _known_names() -> tuple[Any, Any]:
    pairs = [(code.lower(), code) for code in sorted(phonenumbers.SUPPORTED_REGIONS) if code.isalpha()]
    for line in _NAMES.strip().splitlines():
        code, names = line.split(":")
        pairs += [(name.strip(), code.strip()) for name in names.split(",")]
    # Plain words lose their last s, codes do not: AS is not A.
    codes = {name for name, _ in pairs if len(name) == 2}
    plain = _plain(pa.array([name for name, _ in pairs]))
    keys = [name if name in codes else word for (name, _), word in zip(pairs, plain.to_pylist(), strict=True)]
    return pa.array(keys), pa.array([code for _, code in pairs])


_KEYS, _CODES = _known_names()


def read_countries(texts: Any) -> Any:
    """ISO 3166-1 codes of two letters; null when missing or unknown.

    >>> read_countries(pa.array(["France", "Deutschland", "ch", "Pays-Bas", "Royaume-Uni", "Pays de Cocagne"])).to_pylist()
    ['FR', 'DE', 'CH', 'NL', 'GB', None]
    """
    written = clean(texts)
    distinct = pc.unique(written).drop_null()
    lower = pc.utf8_lower(distinct)
    codes = pc.coalesce(look_up(lower, _KEYS, _CODES), look_up(_plain(distinct), _KEYS, _CODES))
    return look_up(written, distinct, codes)
