"""What the words before a number say it is: a phone number, or the number of an order, a parcel, a part, an error.

In the languages of the benchmark (English, German, French, Spanish, Italian, Dutch, Swedish, Polish, Portuguese).
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

_LOOKED_AT = 60  # characters before a number
_NEAR = 7  # words before a number that may say what it is, when nothing but such words stands between


class Said(Enum):
    """What a number was said to be."""

    PHONE = "phone"
    OTHER = "other"
    NOTHING = "nothing"


_PHONE = re.compile(
    r"tel|tels|t[eé]l|t[eé]l[eé]ph\w*|telef\w*|teléf\w*|fon|phone\w*|mob|mobi[el]\w*|móvil\w*|movil\w*|cell?|cellphone|cellular\w*"
    r"|celular\w*|handy\w*|fax\w*|whatsapp|viber|sms|call\w*|callback|ring|rings|ringing|rang|dial\w*"
    r"|reach\w*|contact\w*|hotline|joindre|joignable|appel\w*|rappel\w*|ruf|rufen|anruf\w*|zurückruf\w*|erreich\w*"
    r"|rückruf\w*|llam\w*|llám\w*|localizar\w*|chiam\w*|richiam\w*|contatt\w*|raggiung\w*|bel|bellen|belt|bereik\w*|ringa|nås|nå"
    r"|kontakt\w*|dzwoni\w*|zadzwoni\w*|oddzwoni\w*|komórk\w*|ligar|ligue\w*|liga|zap",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"orders?|ordered|po|invoices?|serial|sn|version|ref|reference|tickets?|cases?|claims?|complaint|tracking|track|parcels?"
    r"|packages?|shipments?|consignment|waybill|account|skus?|isbn|issn|eans?|upc|gtin|doi|barcode|items?|articles?|art"
    r"|parts?|pn|model|product|builds?|bugs?|issues?|errors?|err|errno|vat|kb|lot|batch|rev|revision|commit|row|rows|page"
    r"|licen[cs]e|policy|contract|membership|voucher|coupon|file|firmware|driver|coordinates|lat|postcode|zip"
    r"|\w*(?:bestell|auftrag|rechnung|sendung|kunden|serien|artikel|teile|vorgang|vertrags?)\w*|paket\w*|modell|fehler\w*"
    r"|charge|commandes?|factures?|colis|suivi|série|réf\w*|dossier|erreur|modèle|pedidos?|facturas?|envío|seguimiento"
    r"|serie|artículo|referencia|modelo|ordine|ordini|fattur\w+|spedizione|tracciamento|articolo|seriale|factuur\w*|zending\w*"
    r"|pakket\w*|beställning\w*|ordernummer|faktur\w*|försändelse\w*|zamówieni\w*|przesyłk\w*|paczk\w*|fatura|encomenda"
    r"|rastreio|protocolo",
    re.IGNORECASE,
)
_BETWEEN = frozenset(
    """number numbers num numero número numéro nummer numer nr no n code id is was are be would should will the my our
    your his her new old ist lautet war est es è é är er mein meine mi mon ma il le la mijn mój meu minha
    and or und oder et ou y o e en och i of de del di der""".split()  # noqa: SIM905
)
_WEAK = frozenset(("no", "nr", "id", "code", "#", "№"))  # alone, they say that it is no phone number
_TOKEN = re.compile(r"[^\W\d_]+|[#№]|[\w.-]*\d[\w.-]*|[.,:;!?()>\ufffc]")
_MINE = re.compile(
    r"\b(?:my|our|his|her|their|mio|mi|mon|mein\w?|mijn|mitt|min|mój|meu|new|nieuwe?|neue|nuevo|nuovo|nouveau)"
    r" (?:(?:new|old|other|private|personal|work|home|office|nuovo|neue|nieuwe|nowy) )?"
    r"(?:number|numero|número|numéro|nummer|numer)\b|\b(?:text|txt)(?:ed)? (?:me|us|to|at|on)\b"
    r"|\b(?:mon|son|notre|votre|le) portable\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,20}")


def said_before(text: str, start: int) -> Said:
    """What the words right before text[start:] say; other numbers in a row with it are passed over."""
    before = text[max(0, start - _LOOKED_AT) : start].rpartition("\n")[2]
    is_weak = False
    for token in _TOKEN.findall(before)[: -_NEAR - 1 : -1]:
        small = token.lower()
        if _PHONE.fullmatch(small):
            return Said.PHONE
        if _OTHER.fullmatch(small):
            return Said.OTHER
        is_weak = is_weak or small in _WEAK
        if not (small in _BETWEEN or small in _WEAK or not small.isalpha()) or small in "!?>\ufffc":
            break
    return Said.OTHER if is_weak else Said.NOTHING


def is_phone_near(text: str, start: int) -> bool:
    """Whether the words since the last number or line talk of a phone, however far from it."""
    before = re.split(r"[\d\n>]", text[max(0, start - _LOOKED_AT) : start])[-1]
    return _MINE.search(before) is not None or any(map(_is_phone_word, _WORD.findall(before)))


@lru_cache(maxsize=4096)
def _is_phone_word(word: str) -> bool:
    return _PHONE.fullmatch(word) is not None
