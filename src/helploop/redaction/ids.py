"""Numbers that a state gives a person: those with a checksum or a form of their own, others where a word says so."""

from __future__ import annotations

import re
from types import ModuleType

from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cz import rc
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.mx import curp
from stdnum.no import fodselsnummer
from stdnum.se import personnummer

from helploop.redaction.cues import Said, said_before
from helploop.redaction.rules import Digits, Rule, Span

# Whose number it is (in order: United States, United Kingdom, France, Spain twice, Italy, Sweden, Norway, Finland,
# Belgium, Switzerland, Brazil, Chile, Czechia, Mexico), how it is written there, and its checksum where it has one.
_FORMS: tuple[tuple[str, ModuleType | None], ...] = (
    (r"(?!000|666)\d{3}-\d{2}-\d{4}", None),
    (  # the prefixes in use (HMRC's manual, NIM39110)
        r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?\d{2}){3}[ -]?[A-D]",
        None,
    ),
    (r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", nir),
    (r"(?:\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-HJ-NP-TV-Z]", dni),
    (r"[XYZ][ -]?\d{7}[ -]?[A-HJ-NP-TV-Z]", nie),
    (r"[A-Z]{3} ?[A-Z]{3} ?\d{2}[A-EHLMPRST]\d{2} ?[A-Z]\d{3}[A-Z]", codicefiscale),
    (r"(?:19|20)?\d{6}[-+]\d{4}", personnummer),
    (r"\d{6} ?\d{5}", fodselsnummer),
    (r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", hetu),
    (r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", nn),
    (r"756\.\d{4}\.\d{4}\.\d{2}", ahv),
    (r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf),
    (r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", rut),
    (r"\d{6}/\d{4}", rc),
    (r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", curp),
)
_ANY_FORM = "|".join(f"({form})" for form, _ in _FORMS)
_NUMBER = re.compile(
    rf"(?<![\w./-])(?<!\+\d )(?<!\+\d\d )(?<!\+\d\d\d )(?=[A-Z]{{0,4}} ?[A-Z]{{0,3}} ?-?\d)(?:{_ANY_FORM})"
    r"(?![\w/-]|\.\w)",
    re.IGNORECASE,
)

_WORDS = (
    # English
    r"passport|s\.?s\.?n|social security|itin|national insurance|nino|ni (?=number|no)|nhs|national id\w{0,10}"
    r"|identity card|id card|tax id\w{0,10}|tax file|tfn|tin|utr|driv(?:er|ing)\S{0,2} licen[cs]e|ppsn?|medicare|imei"
    r"|aadhaa?r|pan (?=card|no|number)|sin (?=number|no)"
    # German, Dutch, Nordic
    r"|reisepass\w{0,9}|pass(?:nummer|-?nr)|personalausweis\w{0,8}|ausweis\w{0,8}|steuer-?id\w{0,24}|steuernummer|idnr"
    r"|sozialversicherungs\w{0,8}|rentenversicherungs\w{0,8}|sv-?n\w{1,6}|versicherten\w{0,8}|führerschein\w{0,8}"
    r"|bsn|burgerservicenummer|sofinummer|rijksregister\w{0,8}|rijbewijs\w{0,8}|paspoort\w{0,8}|identiteits\w{0,10}"
    r"|personnummer|personnr|samordningsnummer|cpr\w{0,8}|fødselsnummer|fodselsnummer|henkilötunnus|hetu|pass?nummer"
    r"|körkort\w{0,8}|kennitala"
    # Romance
    r"|passeport|pasaporte|passaporto|passaporte|sécurité sociale|sécu|nir|carte (?:nationale )?d['’]identité|cni"
    r"|permis de conduire|seguridad social|dni|nie|nif|nuss|carn[eé] de conducir|codice fiscale|cod\. fisc"
    r"|carta d['’]identità|patente|cpf|rg|cnh|niss|cartão de cidadão|cédula|c[eé]dula|curp|rut|cuil"
    # Slavic and others
    r"|pesel|dowod\w{0,6}|dowód\w{0,6}|paszport\w{0,4}|prawo jazdy|rodné číslo|cnp|egn|oib|emšo|jmbg|amka|tckn|kimlik"
    r"|ahv\w{0,8}|avs"
)
_SAID = re.compile(
    rf"(?<!\w)(?:{_WORDS})\b"
    r"(?:[\s:#=,.()\"'’“”º°*-]|(?:card|cards|number|numbers|no|nr|num|nummer|numer|numero|número|numéro|n|code|id"
    r"|is|was|ist|lautet|war|est|es|è|é|to|är|er|on|le|la|de|del|di|der|my|mein|mijn)\b){0,14}+"
    r"([A-Za-z0-9][\w./-]{0,30}(?: [A-Za-z0-9./-]{1,12}){0,6})",
    re.IGNORECASE,
)
_SAID_CUES = (
    *("ni number", "ni no"),
    *"""passport ssn s.s.n social itin insurance nino nhs national identity card tax tfn tin utr licen pps medicare imei
    aadha pan sin pass ausweis steuer idnr sozial renten sv versicherten führer bsn burgerservice sofi rijksregister
    rijbewijs paspoort personn samordnings cpr fødsels fodsels henkil hetu körkort kennitala pasaporte sécu nir cni
    permis seguridad dni nie nif nuss conducir fiscale fisc patente cpf rg cnh niss cidad dula curp rut cuil pesel dow
    paszport prawo číslo cnp egn oib emšo jmbg amka tckn kimlik ahv avs""".split(),  # noqa: SIM905
)
_MOST_DIGITS = 18  # of an id; more are two numbers
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\Z")
_BORN = re.compile(
    r"\b(?:date of birth|birth ?date|birthday|d\.?o\.?b\.?|born|geboren|geburtsdatum|née?|date de naissance|nacid[oa]"
    r"|fecha de nacimiento|nat[oa]|data di nascita|geboortedatum|född|födelsedatum|urodzon[ya]|data urodzenia"
    r"|nascid[oa]|data de nascimento)"
    r"(?:[\s:=]|(?:is|was|on|am|ist|le|est|el|es|il|è|op|em|é|den)\b){0,8}+"
    r"(\d{1,4}[./ -](?:\d{1,2}|[^\W\d_]{3,10})\.?,?[./ -]\d{2,4}"
    r"|[^\W\d_]{3,10}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})(?!\w)",
    re.IGNORECASE,
)
_BORN_CUES = ("birth", "dob", "d.o.b", "born", "geb", "né", "naiss", "nac", "nat", "född", "födel", "urodz", "nasc")


def _said_to_be_one(match: re.Match[str], home: str) -> Span | None:
    """What follows the word for such a number: its parts as far as they hold digits or are short capitals."""
    end = length = digits = 0
    for part in match[1].split(" "):
        has_digit = any(map(str.isdigit, part))
        is_short = part.isupper() and len(part) <= 3 and part != "I"
        if not (has_digit or is_short) or digits + sum(map(str.isdigit, part)) > _MOST_DIGITS:
            break
        length += len(part) + 1
        if has_digit or (digits >= 5 and len(part) == 1):
            end, digits = length - 1, digits + sum(map(str.isdigit, part))
    number = match[1][:end].rstrip(".,/-")
    if digits < 5 or _DATE.match(number):
        return None
    return match.start(1), match.start(1) + len(number)


def _checked(match: re.Match[str], home: str) -> Span | None:
    """What has the form and the checksum, unless a word in front says that it is something else."""
    checksum = _FORMS[(match.lastindex or 1) - 1][1]
    is_right = checksum is None or checksum.is_valid(match[0].replace(".", "").upper())
    return match.span() if is_right and said_before(match.string, match.start()) is not Said.OTHER else None


RULES = (
    Rule("id-number", _NUMBER, _checked, digits=Digits.FIVE),
    Rule("id-number", _SAID, _said_to_be_one, _SAID_CUES, Digits.FIVE),
    Rule("birth-date", _BORN, lambda match, home: match.span(1), _BORN_CUES, Digits.FIVE),
)
