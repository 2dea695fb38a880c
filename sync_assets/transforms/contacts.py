"""Names, e-mails, phone numbers and postal codes of people and companies, whatever the source.

Which columns they come from does not belong here. Canonical specification, section 3.7.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import NO_TEXT, clean, is_true, look_up, map_unique, only_if

PLACEHOLDERS = "^(anonyme|inconnu|aucun|noemail|no-email|sansmail)@"

_ATOM = '[^\\s@,;:<>()\\[\\]"\\\\.\u00a0\u202f]+'
_LETTER = "a-z\u0080-\U0010ffff"
_LABEL = f"[0-9{_LETTER}](?:[0-9{_LETTER}-]*[0-9{_LETTER}])?"
# Read by Arrow's engine and by Python's, so only what both understand.
EMAIL = rf"^{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?:[{_LETTER}]{{2,}}|xn--[0-9a-z-]+)$"
_EMAIL = re.compile(EMAIL)

_TWO_NUMBERS = re.compile(r"[/;,|\n]|\b(?:ou|et|or|and)\b", re.IGNORECASE)
_CIVILITIES = re.compile(r"^(?:(?:M|Mme|Mlle|Dr)(?:\.\s*|\s+)(?:(?:et|&)\s+)?)+(?=\S)", re.IGNORECASE)
_COMPANY_FORMS = {"sarl", "sas", "earl", "scea", "gaec", "eurl", "sci"}
_COMPANY_WORDS = _COMPANY_FORMS | {
    "association",
    "mairie",
    "restaurant",
    "hotel",
    "domaine",
    "chateau",
    "cave",
    "societe",
}
_FRANCE = 33
# Country code, countries, trunk digit and national number of the plans that are simple enough to read by pattern.
_USUAL_PHONES = (
    ("33", pa.array(["FR"]), "0", r"[1-9]\d{8}"),
    ("1", pa.array(["US", "CA"]), "1", r"[2-9]\d{2}[2-9]\d{6}"),
)


def read_emails(texts: Any) -> tuple[Any, Any]:
    """E-mails in lower case, and for each valid, missing, invalid or placeholder; null unless valid.

    >>> emails, statuses = read_emails(pa.array([" Odon@Example.FR", "odon@", None, "inconnu@example.com"]))
    >>> emails.to_pylist()
    ['odon@example.fr', None, None, None]
    >>> statuses.to_pylist()
    ['valid', 'invalid', 'missing', 'placeholder']
    """
    written = pc.utf8_lower(clean(texts))
    is_plain = is_true(pc.match_substring_regex(written, EMAIL))
    others = map_unique(only_if(pc.invert(is_plain), written), _first_email, pa.string())
    emails = pc.if_else(is_plain, written, others)
    is_placeholder = is_true(pc.match_substring_regex(emails, PLACEHOLDERS))
    found = pc.if_else(is_placeholder, "placeholder", "valid")
    statuses = pc.if_else(pc.is_valid(emails), found, pc.if_else(pc.is_valid(written), "invalid", "missing"))
    return only_if(pc.invert(is_placeholder), emails), statuses


def mark_shared(emails: Any, statuses: Any) -> Any:
    """The statuses with `shared` for every e-mail that more than one customer has.

    >>> mark_shared(pa.array(["a@b.fr", "a@b.fr", None]), pa.array(["valid", "valid", "missing"])).to_pylist()
    ['shared', 'shared', 'missing']
    """
    counted = pc.value_counts(emails.drop_null())
    holders = look_up(emails, counted.field("values"), counted.field("counts"))
    return pc.if_else(pc.fill_null(pc.greater(holders, 1), False), "shared", statuses)


def _first_email(text: str) -> str | None:
    return next((part for part in re.split(r"[\s,;/|<>\"()]+", text) if _EMAIL.match(part)), None)


def read_phones(texts: Any, countries: Any) -> Any:
    """Phone numbers as E.164, national ones in the country beside them; null when missing or not readable.

    >>> texts = pa.array(["06 39 98 00 11", "+33 (0)6 39 98 00 11", "néant", "02 123 45 67"])
    >>> read_phones(texts, pa.array(["FR", "CH", "FR", "BE"])).to_pylist()
    ['+33639980011', '+33639980011', None, '+3221234567']
    """
    written = clean(texts)
    usual = _read_usual_phones(written, countries)
    placed = pc.binary_join_element_wise(countries, only_if(pc.is_null(usual), written), " ")
    return pc.coalesce(usual, map_unique(placed, _read_phone, pa.string()))


def _read_usual_phones(texts: Any, countries: Any) -> Any:
    """The numbers that are plainly written, many times faster than the library and with the same answer."""
    digits = pc.replace_substring_regex(texts, "[ .\u00a0\u202f-]|\\(0\\)", "")
    found = []
    for code, homes, trunk, national in _USUAL_PHONES:
        at_home = pc.match_substring_regex(digits, f"^{trunk}?{national}$")
        abroad = pc.match_substring_regex(digits, f"^(?:\\+|00){code}{trunk}?{national}$")
        is_usual = pc.or_(is_true(abroad), is_true(pc.and_(at_home, pc.is_in(countries, value_set=homes))))
        number = pc.replace_substring_regex(digits, f"^.*?({national})$", rf"+{code}\1")
        found.append(only_if(is_usual, number))
    return pc.coalesce(*found)


def _read_phone(placed: str) -> str | None:
    country, text = placed[:2], placed[3:]
    first = next((part for part in _TWO_NUMBERS.split(text) if part.strip()), "").replace("(0)", "").strip()
    if first.startswith("00"):
        first = "+" + first[2:]
    try:
        whole = [phonenumbers.parse(first, country)]
    except phonenumbers.NumberParseException:
        whole = []
    numbers = [number for number in whole if _is_plausible(number)] or _numbers_within(first, country)
    return phonenumbers.format_number(numbers[0], phonenumbers.PhoneNumberFormat.E164) if len(numbers) == 1 else None


def _is_plausible(number: Any) -> bool:
    """Only the length is judged: numbering plans change faster than any list of them."""
    digits = len(phonenumbers.national_significant_number(number))
    return digits == 9 if number.country_code == _FRANCE else 6 <= digits <= 12


def _numbers_within(text: str, country: str) -> list[Any]:
    """The numbers in a text with a remark, such as "01 99 00 00 25 (bureau)"."""
    found = phonenumbers.PhoneNumberMatcher(text, country, leniency=phonenumbers.Leniency.POSSIBLE)
    return [match.number for match in found if _is_plausible(match.number)]


def split_names(names: Any) -> tuple[Any, Any]:
    """First and last names of people whose name came in one piece.

    >>> first, last = split_names(pa.array(["TISSANDRE Maëlle", "Odon de La Brève", "M. et Mme Verdelin"]))
    >>> first.to_pylist()
    ['Maëlle', 'Odon', None]
    >>> last.to_pylist()
    ['TISSANDRE', 'de La Brève', 'Verdelin']
    """
    distinct = pc.unique(clean(names)).drop_null()
    parts = [split_name(name) for name in distinct.to_pylist()]
    first = pa.array([first for first, _ in parts], type=pa.string())
    last = pa.array([last for _, last in parts], type=pa.string())
    return look_up(clean(names), distinct, first), look_up(clean(names), distinct, last)


def split_name(name: str) -> tuple[str | None, str]:
    """First and last name of one person; a name that begins or ends with a company word is all last name.

    >>> split_name("Jean-Luc DE LA BRÈVE"), split_name("Hôtel des Trois Ponts")
    (('Jean-Luc', 'DE LA BRÈVE'), (None, 'Hôtel des Trois Ponts'))
    """
    if _is_company(name):
        return None, name
    words = _CIVILITIES.sub("", " ".join(name.split())).split()
    if len(words) == 1:
        return None, words[0]
    leading = next((i for i, word in enumerate(words) if not _is_upper(word)), 0)
    trailing = next((i for i, word in enumerate(reversed(words)) if not _is_upper(word)), 0)
    if leading:
        return " ".join(words[leading:]), " ".join(words[:leading])
    if trailing:
        return " ".join(words[:-trailing]), " ".join(words[-trailing:])
    return words[0], " ".join(words[1:])


def are_companies(names: Any) -> Any:
    """Whether each name begins or ends with a company word; false for null.

    >>> are_companies(pa.array(["SARL Tissandre", "Odon de La Brève", None])).to_pylist()
    [True, False, False]
    """
    return is_true(map_unique(clean(names), _is_company, pa.bool_()))


def _is_company(name: str) -> bool:
    words = name.split()
    return _is_company_word(words[0]) or _is_company_word(words[-1])


def _is_upper(word: str) -> bool:
    """An initial ("J.") says nothing about how the surname is written."""
    return word.isupper() and len(word.replace(".", "")) > 1


def _is_company_word(word: str) -> bool:
    plain = word.lower().replace(".", "").strip(",;:()")
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return plain in _COMPANY_WORDS


def read_zips(texts: Any, countries: Any) -> tuple[Any, Any]:
    """Postal codes as text, and for each zip_repaired, zip_suspect or null.

    A French code of 4 digits has lost its 0; without a country that is only likely.

    >>> zips, remarks = read_zips(pa.array(["67000.0", "1000", "1000", "1000"]), pa.array(["FR", "FR", "CH", None]))
    >>> zips.to_pylist()
    ['67000', '01000', '1000', '1000']
    >>> remarks.to_pylist()
    ['zip_repaired', 'zip_repaired', None, 'zip_suspect']
    """
    written = clean(texts)
    whole = pc.replace_substring_regex(written, r"^(\d+)\.0$", r"\1")
    has_four = pc.match_substring_regex(whole, r"^\d{4}$")
    lost_zero = is_true(pc.and_(has_four, pc.equal(countries, "FR")))
    zips = pc.if_else(lost_zero, pc.binary_join_element_wise("0", whole, ""), whole)
    is_suspect = is_true(pc.and_(has_four, pc.is_null(countries)))
    is_repaired = is_true(pc.not_equal(zips, written))
    return zips, pc.if_else(is_repaired, "zip_repaired", pc.if_else(is_suspect, "zip_suspect", NO_TEXT))
