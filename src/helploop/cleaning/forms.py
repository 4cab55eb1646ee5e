"""Contact forms: "Name: ... Order no: ... Message: ..." as one text. The message is what is said."""

from __future__ import annotations

import re
from dataclasses import dataclass


def _names(listed: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in listed.split("|") if name.strip())


_LINE = re.compile(r"\s{0,4}[*_#]{0,3}([^\W\d_][^:\n]{1,38}?)[*_]{0,2}\s?:[*_]{0,2}(?:\s+(.*))?\Z")
_MESSAGE = _names(
    """
    message | your message | messages | comment | comments | question | your question | enquiry | inquiry |
    description | details | how can we help | how can we help you | what can we help you with | problem | issue |
    feedback | nachricht | ihre nachricht | anfrage | ihre anfrage | frage | beschreibung | anliegen |
    ihr anliegen | mitteilung | kommentar | votre message | commentaire | demande | votre demande | mensaje |
    su mensaje | consulta | comentario | messaggio | il tuo messaggio | richiesta | bericht | uw bericht |
    je bericht | vraag | mensagem | sua mensagem | wiadomość | treść | treść wiadomości | meddelande | besked |
    melding
    """
)
_PERSON = _names(
    """
    name | your name | first name | last name | full name | surname | firstname | lastname | contact name |
    vorname | nachname | ihr name | vor- und nachname | nom | prénom | nombre | apellido | apellidos | nome |
    cognome | naam | voornaam | achternaam | imię | nazwisko | imię i nazwisko | namn | förnamn | efternamn |
    navn | sobrenome | apelido
    """
)
_REACH = _names(
    """
    email | e-mail | mail | email address | e-mail address | your email | your e-mail | e-mail-adresse |
    ihre e-mail | adresse e-mail | courriel | correo | correo electrónico | indirizzo email | e-mailadres |
    adres e-mail | e-postadress | e-post | phone | phone number | telephone | telephone number | mobile |
    mobile number | tel | telefon | telefonnummer | handynummer | téléphone | teléfono | telefono | telefoon |
    telefoonnummer | telefone | numer telefonu | consent | privacy | gdpr | ip | ip address | user agent |
    referrer | page url | newsletter | i agree | datenschutz | datenschutz akzeptiert | einwilligung | date |
    time | datum | uhrzeit | fecha
    """
)
_SUBJECT = _names(
    """
    subject | topic | regarding | re | betreff | thema | objet | sujet | asunto | oggetto | onderwerp | assunto |
    temat | ämne | emne
    """
)
_OTHER = _names(
    """
    company | organisation | organization | country | city | postcode | zip | zip code | address | street |
    order | order no | order number | order id | order # | customer number | customer no | customer id |
    account | account number | product | model | serial number | version | app version | browser |
    operating system | os | device | platform | category | department | reason | invoice number | website | url |
    firma | land | ort | plz | straße | adresse | bestellnummer | auftragsnummer | kundennummer |
    rechnungsnummer | produkt | modell | seriennummer | kategorie | société | pays | ville | numéro de commande |
    n° de commande | numéro client | produit | empresa | país | número de pedido | pedido | producto | azienda |
    paese | numero ordine | numero d'ordine | prodotto | bedrijf | bestelnummer | ordernummer | klantnummer |
    número do pedido | número da encomenda | produto | numer zamówienia | kundnummer
    """
)
_FIELDS_SEEN = 3  # known labels that make a form, the message's own among them
_LINES = 400  # looked at: a form stands at the start


@dataclass(frozen=True)
class Form:
    """A contact form taken apart; what it asks for beside the message is kept, apart from what is said."""

    message: str
    subject: str
    people: tuple[str, ...]  # what was filled in as names, mail addresses and the like: to be masked, not to be read
    others: tuple[str, ...]  # "Order no: KW-204518"


def read_form(text: str) -> Form | None:
    """The parts of a form; None when the text is none, or its message is empty."""
    if text.count(":") < _FIELDS_SEEN:
        return None
    fields: list[tuple[str, list[str]]] = []
    for line in text.split("\n")[:_LINES]:
        label, value = _label(line)
        is_open = bool(fields) and _kind(fields[-1][0]) == "message"
        if label and (not is_open or _kind(label)):
            fields.append((label, [value]))
        elif fields:
            fields[-1][1].append(line)
    known = {_normal(label) for label, _ in fields if _kind(label)}
    said = ["\n".join(lines).strip() for label, lines in fields if _kind(label) == "message"]
    if len(known) < _FIELDS_SEEN or not any(said):
        return None
    by_kind: dict[str, list[str]] = {}
    for label, lines in fields:
        value, kind = " ".join(line.strip() for line in lines if line.strip()), _kind(label) or "other"
        if value:
            by_kind.setdefault(kind, []).append(f"{label}: {value}" if kind == "other" else value)
    return Form(
        message="\n\n".join(part for part in said if part),
        subject=" ".join(by_kind.get("subject", [])),
        people=tuple(by_kind.get("person", []) + by_kind.get("reach", [])),
        others=tuple(by_kind.get("other", [])),
    )


def is_form_field(line: str) -> bool:
    """Whether a line is one of a form's fields beside its message: it says something, but asks nothing."""
    label, value = _label(line)
    return bool(label and value) and _kind(label) not in ("", "message", "subject")


def _label(line: str) -> tuple[str, str]:
    found = _LINE.match(line[:300])
    return (found[1].strip(), line[found.start(2) :].strip() if found[2] is not None else "") if found else ("", "")


def _normal(label: str) -> str:
    return " ".join(label.lower().replace("(required)", "").strip(" *_?").split())


def _kind(label: str) -> str:
    """message, person, reach, subject, other; "" for a label that is not known."""
    name = _normal(label)
    sets = (("message", _MESSAGE), ("person", _PERSON), ("reach", _REACH), ("subject", _SUBJECT), ("other", _OTHER))
    return next((kind for kind, names in sets if name in names), "")
