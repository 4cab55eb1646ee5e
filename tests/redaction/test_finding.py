"""What has a form is found by it, what only looks like it stays, and no text takes long."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helploop.redaction import find, redact_text
from tests.timing import assert_linear


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ann.b+c@mail.example.co.uk.", "write to <email>."),
        ("ring 07700 900123 please", "ring <phone> please"),
        ("I'm on 020 7946 0331, or 0113 496 0172", "I'm on <phone>, or <phone-2>"),
        ("07700900123", "<phone>"),
        ("+44 7700 900 123 or (555) 346-9947", "<phone> or <phone-2>"),
        ("call me on 99 668472", "call me on <phone>"),
        ("card 4111 1111 1111 1111 and 4242424242424242", "card <card> and <card-2>"),
        ("amex 3782 822463 10005", "amex <card>"),
        ("GB33BUKB20201555555555 or DE89 3704 0044 0532 0130 00 today", "<iban> or <iban-2> today"),
        ("from 203.0.113.7 and 2001:db8::1", "from <ip> and <ip-2>"),
        ("order KW-204518, kw-204518", "order <order-number>, <order-number>"),
        ("SSN 460-89-9847", "SSN <id-number>"),
        ("my password is hunter2!, help", "my password is <secret>!, help"),
        ("password: “correct horse”", "password: “<secret> horse”"),
        ("PIN: 4711", "PIN: <secret>"),
        ("key sk_live_abcdefghijklmnop1234", "key <secret>"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def", "<secret>"),
        ("https://x.example/reset?token=abc123def", "<url-with-token>"),
        ("https://x.example/r/0f8fad5b-d9cb-469f-a165-70867728950e", "<url-with-token>"),
        ("https://user:pw@x.example/", "<url-with-token>"),
    ],
)
def test_structured_data_is_masked(text: str, masked: str) -> None:
    """Each kind by its form and checksum, the text around it untouched."""
    assert redact_text(text)[0] == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # mail
        ("ann(at)mail.example, ann [at] mail [dot] example", "<email>, <email-2>"),
        ("https://x.example/?mail=ann%40mail.example", "https://x.example/?mail=<email>"),
        ("the '@mail.example' suffix", "the '@mail.example' suffix"),
        # phones of many countries, and what says that it is one
        ("Meine Telefonnummer lautet 030 9018240", "Meine Telefonnummer lautet <phone>"),
        ("il mio numero è 3505245632", "il mio numero è <phone>"),
        ("mon portable : 06 12 34 56 78", "mon portable : <phone>"),
        ("+49 (0)30 901820, +33 (0)6 12 34 56 78", "<phone>, <phone-2>"),
        ("001-651-281-7560x123", "<phone>"),
        (
            "the mobile on my account to 01632 960614, thanks",
            "the mobile on my account to <phone>, thanks",
        ),
        ("+39 08923574124, 0039335323579", "<phone>, <phone-2>"),
        ("07700 900123 07700 900124, or 020 7946 0331 020 7946 0332", "<phone> <phone-2>, or <phone-3> <phone-4>"),
        ("07700 900123 4111 1111 1111 1111 4242424242424242", "<phone> <card> <card-2>"),
        ("Sam\n6512817560\nthanks", "Sam\n<phone>\nthanks"),
        ("ring me, not about order 12345678", "ring me, not about order <order-number>"),
        # accounts
        ("credit card 060426070011", "credit card <card>"),
        ("sort code 20-20-15, account 55555555", "sort code <bank-account>"),
        ("konto 61 1090 1014 0000 0712 1981 2874", "konto <iban>"),
        # machines
        ("MAC 00:1B:44:11:3A:B7 or 00-1b-44-11-3a-b7", "MAC <mac> or <mac>"),
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "<crypto-address>"),
        ("0x52908400098527886E0F7030069857D2E4169EE7", "<crypto-address>"),
        # secrets
        ("Authorization: Bearer abcdefghijklmnop12345678", "Authorization: Bearer <secret>"),
        ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "<secret>"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----", "<secret>"),
        ("key A1B2C-D3E4F-G5H6J-K7L8M-N9P0Q", "key <secret>"),
        ("user anna, pw xY3kettle", "user anna, pw <secret>"),
        ("mein Passwort lautet Tee4zwei", "mein Passwort lautet <secret>"),
        ("PIN: 471100, pin code 702164", "PIN: <secret>, pin code 702164"),
        ("CVV 123 and PIN code 4711", "CVV <secret> and PIN code <secret-2>"),
        ("api_key=abc123def", "api_key=<secret>"),
        ("https://x.example/u/NLyUBwjWvQmdgpcv9XVi4Fts4AktHUda/off", "<url-with-token>"),
    ],
)
def test_kinds_are_found_by_form_and_cue(text: str, masked: str) -> None:
    """Each kind as people write it, the words around it untouched."""
    assert redact_text(text)[0] == masked


@pytest.mark.parametrize(
    "text",
    [
        "460-89-9847",
        "JG 10 37 59 A",
        "JG103759A",
        "2 55 08 14 168 025 38",
        "54362315K",
        "X-2482300W",
        "RCCMNL83S18D969H",
        "RCC MNL 83S18 D969H",
        "811218-9876",
        "15108695088",
        "131052-308T",
        "85.07.30-033.28",
        "756.9217.0769.85",
        "390.533.447-05",
        "12.531.909-2",
        "710319/2745",
        "BOXW310820HNERXN09",
    ],
)
def test_national_ids_are_found_by_themselves(text: str) -> None:
    """Those with a checksum or a form of their own need no word in front, and a word for another number wins."""
    assert redact_text(f"I am {text} there")[0] == "I am <id-number> there"
    assert "<id-number>" not in redact_text(f"part number {text} there")[0]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my passport number is 120533561", "my passport number is <id-number>"),
        ("passport (R51710303)?", "passport (<id-number>)?"),
        ("SSN: 460899847", "SSN: <id-number>"),
        ("numéro de sécurité sociale est le 255081416802538", "numéro de sécurité sociale est le <id-number>"),
        ("mijn BSN is 111222333", "mijn BSN is <id-number>"),
        ("mój PESEL to 44051401359", "mój PESEL to <id-number>"),
        ("Steuer-ID 36 574 261 809", "Steuer-ID <id-number>"),
        ("NHS no. 943 476 5919 is mine", "NHS no. <id-number> is mine"),
        ("NI number NR 58 76 29 B as asked", "NI number <id-number> as asked"),
        ("born on 12 March 1985, DOB: 1985-03-12", "born on <birth-date>, DOB: <birth-date-2>"),
        ("the passport of 12.03.2024", "the passport of 12.03.2024"),
        ("my passport was lost on 4 boxes", "my passport was lost on 4 boxes"),
    ],
)
def test_ids_are_found_by_the_word_in_front(text: str, masked: str) -> None:
    """Numbers without a form of their own are found where a word says what they are."""
    assert redact_text(text)[0] == masked


@pytest.mark.parametrize(
    "text",
    [
        "version 102.3.1, version 128.4.0.1 and v10.0.19045.3570",
        "on 2026-07-06, 06.07.2026, 6/7/26 and 2026-07-06 12:00:05",
        "from 2019-2024",
        "it costs £23.40, 1,234,567.89 or 18.60 EUR",
        "error 0x80070057 and 1234567890123",
        "my password is wrong",
        "the password is not accepted",
        "serial number 5403926876",
        "tracking 1234 5678 9012",
        "4111 1111 1111 1112 is no card",
        "GB34BUKB20201555555555",
        "https://x.example/help/how-to-reset-my-password-in-2026",
        "12 bags, 15 g : 250 ml, 3 for 2",
        "at 12:30:45 the box 4 of 6",
        "localhost 127.0.0.1",
        "17 2450 Crown Street",
        "@kettlewren on all networks",
        "see UTF-16, ISO-8859 and /tmp/AB-20977",
        "1000000 beans and 5000000 cups",
        "ISBN 978-3-16-148410-0",
        "updated from 7.1.2.33 to 7.1.2.34, Version: 9.5.9.2",
        "total 12 345 678.90 yen, 1 000 000 cups",
        "tracking 1Z 999 AA1 01 2345 6784",
        "part number 0445110369 or 0 445 110 369",
        "article no. 403.928.11 and 802.141.75",
        "case number 00451298, ISSN 2049-3630",
        "Thunderbird 115.10.0 64 bit (115.9.0 (64-bit)), macOS 10.12-10.14",
        "(26/08/2024), 2024-01-17 12-42-09, 13/02/1403",
        "dkim=pass header.i=@x; X-Account-Key: account1",
        "the pass was £25.00, password (https://x.example/help), password: [edited]",
        "my policy number would be 468646993",
        "EAN 3608923574124 or 6925439142623",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "see #answer-1508370 and bug-1802286",
    ],
)
def test_near_misses_stay(text: str) -> None:
    """Dates, versions, prices and numbers of other kinds are no personal data."""
    assert redact_text(text) == (text, {})


PROBES = (
    *("\n", " ", "a", "A", "1", "1 ", "a@", "@.", ".a", "(", "+", "+1 ", "1-", "A-", "1.1.", "::", "a:", "aa:", "AA-"),
    *("http://", "?token=", "http://a?token", "http://a/" + "a1" * 20, "eyJa", "eyJaaaaaaaa.", "sk_", "xoxb-", "1:AA"),
    *("password is ", "password: ", "pw a1", "pin=", "api key ", "Bearer ", "Bearer aaaaaaaaaaaaaaaaaaaaa", "AAAAA-"),
    *("-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nA: b\n", "GB33", "GB33 BUKB ", "12 3456", "1 23 "),
    *("order ", "AB-12345 ", "07700 900", "0" * 9 + " ", "phone number ", "my number is 0", "12345678 or ", "1 000 "),
    *("passport ", "passport no ", "ssn is 1", "my ssn 123 45", "dni a1 ", "ABCDEF12A12A123", "AAA AAA ", "AB 12 "),
    *("12.34.", "756.1234.", "born on ", "born 1 ", "bank account is ", "sort code 1", "mac ", "0x", "1A", "bc1"),
    *("a(at)", "a [at] b ", "%40", "a%40b.", "update to 1.2.", "version 1, ", "no. 1 and ", "(1) ", "2024-01-01 "),
    *("Ines ", "<name> ", "\ufffc", "\u0130", "é", "4111 1111 1111 1111 ", "x1", "ext 1", "....", "----", "____"),
)


@pytest.mark.parametrize("probe", PROBES)
def test_hostile_texts_are_linear(probe: str) -> None:
    """20 kB of anything are redacted in a fifth of a second."""
    text = (probe * 20_000)[:20_000]
    assert_linear(lambda some: redact_text(some, ("Ines Okafor", "ines.okafor@mailbox.example")), text, 0.2)


def test_findings_are_places_in_the_text() -> None:
    """Sorted, not overlapping, and right where letters change their length in small letters."""
    text = "\u0130 write to a@b.example, c@d.example or 07700 900123"
    found = find(text)
    assert [(text[f.start : f.end], f.kind) for f in found] == [
        ("a@b.example", "email"),
        ("c@d.example", "email"),
        ("07700 900123", "phone"),
    ]


def test_bare_digits_are_a_phone_number_where_people_write_them_so() -> None:
    """Ten digits in a row, nothing said: in the United States they are one, elsewhere they may be anything."""
    assert redact_text("it is 6512817560 now", locale="en-US")[0] == "it is <phone> now"
    assert redact_text("it is 6512817560 now", locale="de")[0] == "it is 6512817560 now"


_PIECES = st.sampled_from(
    [
        *("a@b.example", "07700 900123", "4111 1111 1111 1111", "GB33BUKB20201555555555", "203.0.113.7", "KW-204518"),
        *(
            "my password is hunter2!",
            "my SSN is ",
            "order ",
            "call ",
            "born on ",
            "card ",
            "https://x.example/?token=abc123def",
        ),
        *(
            "12.03.1985",
            "460-89-9847",
            "hunter2!",
            "Ines",
            "<email-2>",
            "\ufffc",
            "\u0130",
            "12",
            "-",
            ".",
            ":",
            " ",
            "\n",
        ),
    ]
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(_PIECES, max_size=12).map(" ".join))
def test_findings_hold_together_in_any_text(text: str) -> None:
    """Whatever the text: in order, inside it, never overlapping; a redacted text has nothing left to redact."""
    ends = [(f.start, f.end) for f in find(text)]
    assert all(0 <= start < end <= len(text) for start, end in ends)
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))
    once = redact_text(text)[0]
    assert find(once) == ()
