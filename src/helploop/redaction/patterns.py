"""What personal data and secrets look like. Every pattern is linear: its repeats are bounded."""

from __future__ import annotations

import re

EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}(?![\w-])")
URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'“”]{3,2000}", re.IGNORECASE)
TOKEN_PARAMETER = re.compile(
    r"[?&;#](?:[\w-]{0,30}?(?:token|secret|signature|passw|apikey|api[_-]key|session)[\w-]{0,20}|key|sig"
    r"|auth|code|sid|jwt|otp|pwd|hash|ticket|state)=[^&#\s]{6,}",
    re.IGNORECASE,
)
UUID = re.compile(r"[/=][0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
LONG_PART = re.compile(r"[/=]([A-Za-z0-9_]{24,300})(?![\w-])")
USER_IN_URL = re.compile(r"://[^/\s@:]{1,100}:[^/\s@]{1,100}@")
TOKENS = re.compile(
    r"(?<![\w-])eyJ[\w-]{8,2000}\.[\w-]{8,4000}(?:\.[\w-]{0,2000})?|\bAKIA[0-9A-Z]{16}\b|\b(?:sk|pk"
    r"|rk)[-_][A-Za-z0-9_-]{16,200}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,255}|\bgithub_pat_\w{20,255}|\bglpat-[\w-]{16,100}"
    r"|\bxox[abeoprs]-[\w-]{10,250}|\bAIza[\w-]{30,45}"
    r"|\bSG\.[\w-]{16,64}\.[\w-]{16,64}|\bya29\.[\w-]{20,500}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\w+/=\s]{0,10000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)
# A pattern costs time on every text: these words must be there before it is tried.
TOKEN_CUES = (
    "eyJ",
    "AKIA",
    "sk_",
    "sk-",
    "pk_",
    "pk-",
    "rk_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat",
    "glpat-",
    "xox",
    "AIza",
    "SG.",
    "ya29",
    "PRIVATE KEY",
)
PASSWORD_CUES = (
    "pass",
    "pwd",
    "pw",
    "pin",
    "kennwort",
    "contraseña",
    "wachtwoord",
    "cvv",
    "cvc",
    "security",
    "api",
    "token",
    "secret",
)
PASSWORD = re.compile(
    r"\b(?:pass(?:word|wd|code|phrase|wort)?|pwd|pw|pin(?: code)?|kennwort|mot de passe|contraseña"
    r"|wachtwoord|cvv|cvc|security code|api[ _-]?key|(?:access |auth )?token|secret)"
    r"(\s{0,3}(?:(?:is|was|ist|are|=|:|:=)\s{1,3}|[=:]\s{0,3}))([\"'“‘`]?)([^\s\"'”’`<>]{4,64})",
    re.IGNORECASE,
)
NO_PASSWORD = re.compile(
    r"(?:oauth2?|imap4?|pop3?|smtp|ssl/?\S{0,8}|tls\S{0,8}|starttls|normal|encrypted|kerberos"
    r"|https?:.{0,60}|\d{1,3}[.,]?|utf-?8)\W{0,2}\Z",
    re.IGNORECASE,
)
IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
)
CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){11,18}(?![\d-]|\w)")
CARD_PREFIX = re.compile(r"4|5[0-9]|6[0-9]|3[0-9]|2[2-7]|1800|2131")
SHORT_CARD = re.compile(r"50|5[6-8]|6[0-9]")  # Maestro alone has cards of 12 digits
IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
VERSION_CUE = re.compile(r"(?:\bv|\bversion|\brelease|\bbuild|\bupdate(?:d to)?|\bfirmware|/)\s{0,2}\Z", re.IGNORECASE)
DIGIT = re.compile(r"\d")
SEVEN_DIGITS = re.compile(r"\d(?:[\s().\-/]{0,3}\d){6}")
NATIONAL_ID = re.compile(r"(?<![\w-])(?!000|666)\d{3}-\d{2}-\d{4}(?![\w-])")  # United States
PHONE = re.compile(
    r"(?<![\w.:/=#€$£-])(?<!\d,)(?:\+\s?|\(\+?)?\d(?:[ \u00a0().\-/–]{0,3}\d){6,16}(?:\s?(?:x"
    r"|ext\.?)\s?\d{1,5})?(?![\w%€£$]|[.,:-]\d)"
)
PHONE_CUE = re.compile(
    r"(?:\btel\w{0,10}|\bphone\w{0,10}|\bmob\w{0,6}|\bcell\w{0,8}|\bfax|\bwhatsapp|\bsms|\btext(?: me)?"
    r"|\bcall\w{0,3}|\bring\w{0,3}|\bdial|\breach\w{0,3}|\b(?:my|our|his|her) number|\bhandy|\btéléphone|\btlf"
    r"|\bcontact\w{0,3})"
    r"[^\d\n]{0,40}\Z",
    re.IGNORECASE,
)
OTHER_NUMBER_CUE = re.compile(
    r"(?:\border|\binvoice|\bserial|\bs/n|\bversion|\bref\w{0,8}|\bticket|\bcase|\btracking|\bparcel"
    r"|\baccount|\bsku|\bisbn|\bitem|\bmodel|\bbuild|\berror|\bcode|\bid|\bvat|\bno\.?|№"
    r"|\bkb)\W{0,3}(?:number|no\.?|nr\.?|id)?\W{0,12}\Z",
    re.IGNORECASE,
)
DATE = re.compile(
    r"(?:(?:19|20)\d{2}[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-./ ](?:0?[1-9]|[12]\d|3[01])[-./ ](?:(?:19|20)\d{2}|\d{2}(?!\d)))"
    r"(?:[ T,]{1,2}\d{1,2}(?:[:.]?\d{2}){0,2})?\Z|(?:19|20)\d{2}\s?[-–/]\s?(?:19|20)\d{2}\Z"
)
US_PHONE = re.compile(r"\(?[2-9]\d{2}\)?[ .\-]{1,2}[2-9]\d{2}[ .\-]\d{4}\Z")
GROUPED = re.compile(r"\(?\d{1,5}\)?(?:[ .\-/]{1,2}\d{2,7}){1,6}\Z")
STREET = re.compile(r"[ ,]{1,2}[A-Z]")  # "17 2450 Crown Street" is an address
# Tried in this order for a national number, after the locale's own: the order is by how often their formats are met.
REGIONS = tuple(
    "GB US DE FR IT ES NL BE AT CH IE PT SE NO DK FI PL CZ HU SI SK GR BR AU NZ IN ZA CA JP IL EE IS TN CY UY".split()  # noqa: SIM905
)
LOCALE_REGION = {
    "en": "GB",
    "cs": "CZ",
    "sv": "SE",
    "da": "DK",
    "el": "GR",
    "sl": "SI",
    "et": "EE",
    "ja": "JP",
    "he": "IL",
    "nb": "NO",
}
ORDER_NUMBER = (
    r"(?<![\w/\\.-])[A-Z]{2,6}[-–]\d{5,14}\b|(?<=\border )#?\d{5,14}\b|(?<=\border number )#?\d{5,14}\b"
    r"|(?<=\border no )\d{5,14}\b"
)
