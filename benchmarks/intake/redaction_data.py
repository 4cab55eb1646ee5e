"""Texts with personal data at known places, from Faker's values in our own sentences; run by the peers' Python.

    benchmarks/intake/.venv/bin/python benchmarks/intake/redaction_data.py dev SEED > FILE

Each line: {"id", "locale", "text", "spans": [{"type", "start", "end"}]}. The set picks the sentences of carriers.tsv:
those of `test` are never looked at while patterns are written.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

from faker import Faker

HERE = Path(__file__).parent
LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "sv_SE", "pl_PL", "pt_BR")
EACH = 24  # values of each kind and locale
ENGLISH_ONLY = 120  # values of each kind that has no country
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

Make = Callable[[Faker, random.Random], str]


def _email(fake: Faker, dice: random.Random) -> str:
    address = dice.choice([fake.email, fake.ascii_company_email, fake.ascii_free_email])()
    name, _, domain = address.partition("@")
    return dice.choice([address, address, address.title(), f"{name}+shop@{domain}"])


def _card(fake: Faker, dice: random.Random) -> str:
    number = fake.credit_card_number(
        dice.choice(["visa16", "mastercard", "amex", "discover", "jcb16", "diners", "maestro"])
    )
    if dice.random() < 0.5:
        return number
    mark = dice.choice(" -")
    if len(number) == 15:
        return mark.join((number[:4], number[4:10], number[10:]))
    return mark.join(number[i : i + 4] for i in range(0, len(number), 4))


def _iban(fake: Faker, dice: random.Random) -> str:
    number = fake.iban()
    return number if dice.random() < 0.5 else " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def _national_id(fake: Faker, dice: random.Random) -> str:
    country = fake.locales[0]
    if country == "en_GB":  # Faker's all start with ZZ, which is no prefix in use
        digits = f"{dice.randint(0, 999_999):06}"
        parts = (
            _some(dice, 1, "ABCEGHJLMNPRSWXY") + _some(dice, 1, "ABCEHJLMPRSWX"),
            digits[:2],
            digits[2:4],
            digits[4:],
        )
        return dice.choice(["", " "]).join((*parts, dice.choice("ABCD")))
    own = {"de_DE": ("rvnr",), "es_ES": ("nie", "nif"), "pt_BR": ("cpf",)}.get(country, ("ssn",))
    return str(getattr(fake, dice.choice(own))())


def _ip(fake: Faker, dice: random.Random) -> str:
    return str(dice.choice([fake.ipv4_public, fake.ipv4_private, fake.ipv6])())


def _mac(fake: Faker, dice: random.Random) -> str:
    address = fake.mac_address()
    return dice.choice([address, address.upper(), address.replace(":", "-")])


def _some(dice: random.Random, length: int, letters: str = _LETTERS) -> str:
    return "".join(dice.choices(letters, k=length))


def _token(fake: Faker, dice: random.Random) -> str:
    hexes, capitals = "0123456789abcdef", _LETTERS[:26] + _LETTERS[52:]
    part = [
        base64.urlsafe_b64encode(json.dumps({k: _some(dice, 9)}).encode()).decode().rstrip("=") for k in ("alg", "sub")
    ]
    return dice.choice(
        [
            f"sk_live_{_some(dice, 24)}",
            f"rk_test_{_some(dice, 24)}",
            f"sk-proj-{_some(dice, 48)}",
            f"AKIA{_some(dice, 16, capitals)}",
            f"ghp_{_some(dice, 36)}",
            f"github_pat_{_some(dice, 22)}_{_some(dice, 59)}",
            f"glpat-{_some(dice, 20)}",
            f"xoxb-{_some(dice, 12, '0123456789')}-{_some(dice, 12, '0123456789')}-{_some(dice, 24)}",
            f"AIza{_some(dice, 35)}",
            f"SG.{_some(dice, 22)}.{_some(dice, 43)}",
            f"{'.'.join(part)}.{_some(dice, 43)}",
            f"npm_{_some(dice, 36)}",
            f"pypi-{_some(dice, 120)}",
            f"shpat_{_some(dice, 32, hexes)}",
            f"hf_{_some(dice, 34, _LETTERS[:52])}",
            f"{_some(dice, 9, '0123456789')}:AA{_some(dice, 33)}",
            f"AC{_some(dice, 32, hexes)}",
            f"Bearer {_some(dice, 40)}",
            f"-----BEGIN RSA PRIVATE KEY-----\n{_some(dice, 64)}\n{_some(dice, 64)}\n-----END RSA PRIVATE KEY-----",
        ]
    )


def _password(fake: Faker, dice: random.Random) -> str:
    while True:
        word = fake.password(length=dice.randint(8, 14), special_chars=dice.random() < 0.5)
        if not word.endswith(tuple(".,;:!?)")):  # the end of a sentence, nobody can tell
            return str(word)


def _url(fake: Faker, dice: random.Random) -> str:
    site = fake.url()
    return dice.choice(
        [
            f"{site}reset?token={_some(dice, 24)}",
            f"{site}verify/{fake.uuid4()}",
            f"{site}login?user=1&key={_some(dice, 16)}",
            f"{site}u/{_some(dice, 32)}/unsubscribe",
            f"https://{fake.user_name()}:{_some(dice, 10)}@{fake.domain_name()}/files",
            f"{site}files/report.pdf?X-Amz-Signature={_some(dice, 64, '0123456789abcdef')}",
        ]
    )


def _crypto(fake: Faker, dice: random.Random) -> str:
    if dice.random() < 0.5:
        return f"0x{_some(dice, 40, '0123456789abcdef')}"
    payload = bytes([dice.choice([0, 5])]) + dice.randbytes(20)
    payload += hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(payload, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(payload) - len(payload.lstrip(b"\0"))) + text


def _order(fake: Faker, dice: random.Random) -> str:
    return f"{_some(dice, dice.randint(2, 4), _LETTERS[:26])}-{dice.randint(10_000, 99_999_999)}"


BY_COUNTRY: dict[str, Make] = {
    "email": _email,
    "phone": lambda fake, _: fake.phone_number(),
    "iban": _iban,
    "national-id": _national_id,
}
ANYWHERE: dict[str, Make] = {
    "card": _card,
    "ip": _ip,
    "mac": _mac,
    "passport": lambda fake, _: fake.passport_number(),
    "token": _token,
    "password": _password,
    "url": _url,
    "crypto": _crypto,
    "order": _order,
}


def rows(chosen: str, seed: int) -> list[dict[str, object]]:
    """All texts of the set `dev` or `test` for a seed."""
    dice = random.Random(seed)
    lines = (line.split("\t") for line in (HERE / "carriers.tsv").read_text("utf-8").splitlines())
    carriers: dict[tuple[str, str], list[str]] = {}
    for name, kind, language, carrier in lines:
        if name == chosen:
            carriers.setdefault((kind, language), []).append(carrier.replace("\\n", "\n"))
    made: list[dict[str, object]] = []
    fakes = {locale: Faker(locale) for locale in LOCALES}
    for number, fake in enumerate(fakes.values()):
        fake.seed_instance(seed * 100 + number)
    for locale, fake in fakes.items():
        for kind, make in BY_COUNTRY.items():
            own = carriers.get((kind, locale)) or carriers[kind, locale[:2]]
            made += [_row(kind, locale, make(fake, dice), dice.choice(own)) for _ in range(EACH)]
    for kind, make in ANYWHERE.items():
        choices = [carrier for (k, _), texts in sorted(carriers.items()) if k == kind for carrier in texts]
        made += [_row(kind, "en_GB", make(fakes["en_GB"], dice), dice.choice(choices)) for _ in range(ENGLISH_ONLY)]
    return [{"id": str(i), **row} for i, row in enumerate(made)]


def _row(kind: str, locale: str, value: str, carrier: str) -> dict[str, object]:
    start = carrier.index("{v}")
    secret = value.removeprefix("Bearer ")  # which is no secret
    span = {"type": kind, "start": start + len(value) - len(secret), "end": start + len(value)}
    return {"locale": locale, "text": carrier.replace("{v}", value), "spans": [span]}


if __name__ == "__main__":
    for made_row in rows(sys.argv[1], int(sys.argv[2])):
        print(json.dumps(made_row, ensure_ascii=False))
