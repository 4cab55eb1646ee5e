"""Secrets: links that let whoever has them in, keys and tokens of services, passwords that somebody wrote down."""

from __future__ import annotations

import re

from helploop.redaction.rules import Digits, Rule, Span

_URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'“”]{3,2000}", re.IGNORECASE)
_TOKEN_PARAMETER = re.compile(
    r"[?&;#](?:[\w-]{0,30}?(?:token|secret|signature|passw|apikey|api[_-]key|session)[\w-]{0,20}|key|sig"
    r"|auth|code|sid|jwt|otp|pwd|hash|ticket|state)=[^&#\s]{6,}",
    re.IGNORECASE,
)
_UUID = re.compile(r"[/=][0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_LONG_PART = re.compile(r"[/=]([A-Za-z0-9_]{24,300})(?![\w-])")
_USER_IN_URL = re.compile(r"://[^/\s@:]{1,100}:[^/\s@]{1,100}@")
_CLASS_CHANGE = re.compile(r"(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[a-z0-9]|(?<=[0-9])[A-Za-z]")

# Services' own prefixes, from their documentation of token formats (GitHub, GitLab, Slack, Stripe, AWS, Google,
# SendGrid, npm, PyPI, Hugging Face, Shopify, Twilio, Telegram, DigitalOcean, Docker, Square, Mailgun, Linear, Postman).
_TOKEN = re.compile(
    r"(?<![\w-])(?:eyJ[\w-]{8,2000}\.[\w-]{8,4000}(?:\.[\w-]{0,2000})?|(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,200}|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}"
    r"|gl(?:pat|dt|rt|soat|cbt|ptt|ft|imt|agent)-[\w-]{16,100}|xox[abeoprs]-[\w-]{10,250}|xapp-[\w-]{10,250}"
    r"|AIza[\w-]{30,45}|GOCSPX-[\w-]{20,40}|ya29\.[\w-]{20,500}|SG\.[\w-]{16,64}\.[\w-]{16,64}"
    r"|npm_[A-Za-z0-9]{30,60}|pypi-[\w-]{40,300}|hf_[A-Za-z0-9]{30,60}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"
    r"|\d{8,10}:AA[\w-]{30,40}|do[opr]_v1_[0-9a-f]{64}|dckr_(?:pat|oat)_[\w-]{20,60}"
    r"|sq0(?:atp|csp|idp)-[\w-]{20,60}|key-[0-9a-f]{32}\b|lin_api_[A-Za-z0-9]{30,60}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}"
    r")"
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:\s{0,3}[A-Za-z-]{4,20}: [^\n]{0,100}\n){0,5}"
    r"[\w+/=\s]{0,10000}(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"
)
_TOKEN_CUES = (
    *("eyj", "akia", "asia", "sk_", "sk-", "pk_", "pk-", "rk_", "rk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat", "glpat-", "gldt-", "glrt-", "glsoat-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "xox"),
    *("xapp-", "aiza", "gocspx-", "ya29.", "sg.", "npm_", "pypi-", "hf_", "shpat_", "shpca_", "shppa_", "shpss_"),
    *(":aa", "_v1_", "dckr_", "sq0", "key-", "lin_api_", "pmak-"),
)
_LICENCE_KEY = re.compile(r"(?<![\w-])(?=[A-Z0-9-]{0,28}\d)[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}(?![\w-])")
_TWILIO = re.compile(r"(?<!\w)(?:AC|SK)[0-9a-f]{32}(?!\w)")
_BEARER = re.compile(r"\b(?:Bearer|Basic|Token)\s{1,3}([A-Za-z0-9._~+/=-]{20,2000})", re.IGNORECASE)

_NAMES = (
    r"pass(?:word|wd|code|phrase|wort)?|pwd|pw|pin(?:[ -]?code)?|kennwort|kenncode|mot de passe|mdp|contraseña|clave"
    r"|wachtwoord|lösenord|senha|palavra-passe|hasło|parola d'ordine|adgangskode|passord|salasana"
    r"|(?:api|access|secret|private|account|client|auth|licen[cs]e|product|activation|recovery|encryption|shared"
    r"|signing|webhook)[ _-]?(?:access[ _-]?)?(?:key|secret|token|code)|token|secret|apikey"
    r"|(?:security|verification|confirmation|one[- ]time|login|otp|2fa|sms) code|otp|cvv2?|cvc2?"
)
_PASSWORD = re.compile(
    rf"(?<![\w=:./-])(?:{_NAMES})"
    r"(\s{0,3}(?:(?:is|was|ist|war|lautet|est|es|è|é|är|=>|->|=|:|:=)\s{1,3}|[=:]\s{0,3}|\s))"
    r"([\"'“‘`]?)([^\s\"'”’`<>\ufffc]{3,200})",
    re.IGNORECASE,
)
_PASSWORD_CUES = (
    *("pass", "pwd", "pw", "pin", "kennwort", "kenncode", "mdp", "contraseña", "clave", "wachtwoord", "lösenord"),
    *("senha", "hasło", "parola", "adgangskode", "salasana", "key", "token", "secret", " code", "otp", "cvv", "cvc"),
)
_NO_PASSWORD = re.compile(
    r"(?:oauth2?|imap4?|pop3?|smtp|ssl/?\S{0,8}|tls\S{0,8}|starttls|normal|encrypted|kerberos"
    r"|\[.{0,30}|\*{1,40}|\d{1,2}[.,]?|utf-?8|\W{1,40}|[£$€]\d[\d.,]{0,20}|\d[\d.,]{0,20}[£$€%])\W{0,2}\Z",
    re.IGNORECASE,
)


def _url_with_token(match: re.Match[str], home: str) -> Span | None:
    """A link that lets whoever has it in: a token or password in it, or a long part that is no word."""
    url = match[0]
    if _TOKEN_PARAMETER.search(url) or _USER_IN_URL.search(url[:300]) or _UUID.search(url):
        return match.span()
    return match.span() if any(map(_is_random, _LONG_PART.findall(url))) else None


def _is_random(part: str) -> bool:
    """Letters and digits as no words and no number have them: 4 digits, or kinds that change all the time."""
    digits = sum(map(str.isdigit, part))
    if digits == len(part):
        return False
    return digits >= 4 or (digits > 0 and len(_CLASS_CHANGE.findall(part)) > 0.4 * len(part))


def _password(match: re.Match[str], home: str) -> Span | None:
    """What stands after "password is": with a digit or a mark in it, or in quotes. Without "is", with both kinds."""
    word = match[3].rstrip(".,;:!?)")
    is_said = bool(match[1].strip())
    cue = match[0][: match.start(1) - match.start()].lower()
    shortest = 3 if cue.startswith(("cvv", "cvc", "security")) else 4
    if len(word) < shortest or "://" in word or _NO_PASSWORD.match(word):
        return None
    has_digit, has_letter = any(map(str.isdigit, word)), any(map(str.isalpha, word))
    has_mark = any(not c.isalnum() and c not in "-'’./" for c in word)
    if cue.startswith("pin") and len(word) == 6 and word.isdigit():
        is_password = cue == "pin" and is_said  # a "pin code" of six digits is a postal code in India
    elif cue.startswith(("cvv", "cvc", "security", "pin")) and word.isdigit():
        is_password = len(word) <= 8
    elif not is_said:
        is_password = len(word) >= 6 and has_letter and has_digit and _is_mixed(word)
    else:
        is_password = bool(match[2]) or has_digit or has_mark
    return (match.start(3), match.start(3) + len(word)) if is_password else None


def _is_mixed(word: str) -> bool:
    """No word with a number at its end ("reset2", "page/12") and no number with a unit ("24hours")."""
    return re.fullmatch(r"(?:[A-Z]?[a-z]{1,29}|[A-Z]{1,10})[-/.]?\d{1,4}|\d{1,4}[-/.]?[a-z]{1,12}", word) is None


def _bearer(match: re.Match[str], home: str) -> Span | None:
    return match.span(1) if any(map(str.isdigit, match[1])) else None


RULES = (
    Rule("url-with-token", _URL, _url_with_token, ("://",)),
    Rule("secret", _PRIVATE_KEY, cues=("private key",)),
    Rule("secret", _TOKEN, cues=_TOKEN_CUES, longest=16),
    Rule("secret", _TWILIO, digits=Digits.FIVE, longest=34),
    Rule("secret", _LICENCE_KEY, digits=Digits.ONE, longest=29),
    Rule("secret", _BEARER, _bearer, ("bearer", "basic", "token"), longest=20),
    Rule("secret", _PASSWORD, _password, _PASSWORD_CUES),
)
