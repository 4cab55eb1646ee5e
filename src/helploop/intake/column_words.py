"""What systems call their columns, in English, German, French, Spanish, Italian, Dutch and Portuguese.

Collected from the exports and interfaces of common help desks, survey tools and shops. A phrase is words in lower case
without accents; a column is told by the whole of its name first, then by a phrase inside it. Earlier phrases win.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(",") if phrase.strip())


NAMES: dict[str, tuple[str, ...]] = {
    "text": _phrases(
        "text, body, description, message, question, comment, content, inquiry, enquiry, request, feedback, "
        "issue, review text, review, details, problem, first message, note, beschreibung, nachricht, frage, "
        "kommentar, inhalt, anfrage, anliegen, text der anfrage, rueckmeldung, meldung, nachrichtentext, "
        "anfragetext, corps, message du client, contenu, commentaire, demande, probleme, avis, descripcion, "
        "mensaje, pregunta, comentario, contenido, consulta, solicitud, texto, descrizione, messaggio, "
        "domanda, commento, testo, richiesta, omschrijving, bericht, vraag, opmerking, descricao, mensagem, "
        "pergunta, conteudo, selftext, message body"
    ),
    "title": _phrases(
        "subject, title, summary, headline, topic, ticket name, subject line, betreff, titel, thema, "
        "ueberschrift, kurzbeschreibung, objet, sujet, titre, asunto, titulo, tema, oggetto, titolo, "
        "onderwerp, assunto"
    ),
    "id": _phrases(
        "id, ticket id, ticket number, ticket no, ticket nr, case number, case id, conversation id, message "
        "id, number, no, nr, reference, ref, key, uuid, guid, response id, review id, request id, ticket, "
        "ticketnummer, vorgangsnummer, vorgang, vorgangs nr, nummer, fallnummer, anfragenummer, kennung, lfd "
        "nr, numero, numero de ticket, num ticket, n ticket, identifiant, numero de dossier, dossier, "
        "identificador, codigo, numero di ticket, codice, referentie, zaaknummer, protocolo"
    ),
    "customer": _phrases(
        "customer email, requester email, contact email, user email, from email, sender email, client email, "
        "email address, e mail address, email, e mail, mail, customer, requester, customer id, contact, from, "
        "sender, client, author, reporter, user, user id, asker, author id, visitor, username, kunden e mail, "
        "kundenmail, e mail kunde, e mail adresse, mailadresse, kunde, kundennummer, kunden nr, absender, "
        "melder, anfragender, besteller, autor, courriel, adresse mail, adresse e mail, email client, e mail "
        "client, expediteur, demandeur, auteur, correo electronico, correo, direccion de correo, cliente, "
        "remitente, solicitante, usuario, indirizzo email, mittente, richiedente, utente, klant, e mailadres, "
        "afzender, remetente"
    ),
    "customer_names": _phrases(
        "customer name, requester name, contact name, user name, full name, name, first name, last name, "
        "sender name, from name, client name, display name, reviewer, kundenname, vorname, nachname, name des "
        "kunden, ansprechpartner, nom du client, nom client, nom complet, prenom, nom, nombre del cliente, "
        "nombre completo, nombre, apellidos, apellido, nome cliente, nome, cognome, klantnaam, voornaam, "
        "achternaam, naam"
    ),
    "received_at": _phrases(
        "created at, received at, created, create date, date created, creation date, created time, created "
        "on, opened at, submitted at, submit date, submitted, submission date, sent at, received, date "
        "received, timestamp, posted at, published at, date, time, datetime, opened, start date, started at, "
        "created date, created utc, erstellt am, erstellt, erstelldatum, erstellungsdatum, eingegangen am, "
        "eingang, eingangsdatum, angelegt am, datum, zeitpunkt, zeitstempel, gemeldet am, gesendet am, cree "
        "le, date de creation, date de reception, recu le, ouvert le, date d ouverture, date d envoi, envoye "
        "le, horodatage, fecha de creacion, creado el, creado, fecha, fecha de recepcion, recibido el, fecha "
        "de apertura, fecha de envio, fecha y hora, data di creazione, creato il, data, aangemaakt op, "
        "aangemaakt, ontvangen op, data de criacao, criado em"
    ),
    "first_reply_at": _phrases(
        "first reply at, first response at, first replied at, first response, first reply, first response "
        "date, first response time, first answered at, initial response time, answered at, replied at, erste "
        "antwort am, erste antwort, erstantwort, erstreaktion, beantwortet am, premiere reponse, premiere "
        "reponse le, date de premiere reponse, repondu le, primera respuesta, fecha de primera respuesta, "
        "respondido el, prima risposta, eerste reactie, primeira resposta"
    ),
    "resolved_at": _phrases(
        "resolved at, solved at, closed at, close date, closed, resolved, solved, closed on, date closed, "
        "resolution date, closed time, resolved time, completed at, ended at, geschlossen am, geloest am, "
        "erledigt am, abgeschlossen am, geschlossen, geloest, erledigt, resolu le, ferme le, cloture le, date "
        "de cloture, date de resolution, date de fermeture, resuelto el, cerrado el, fecha de cierre, fecha "
        "de resolucion, chiuso il, risolto il, data di chiusura, gesloten op, opgelost op, fechado em, "
        "resolvido em"
    ),
    "agent_minutes": _phrases(
        "handle time, handling time, agent minutes, time tracked, time spent, handle minutes, "
        "bearbeitungszeit, aufwand, temps de traitement, temps passe, tiempo de gestion, tiempo dedicado, "
        "tiempo de atencion"
    ),
    "waited_minutes": _phrases(
        "wait time, waiting time, waited minutes, requester wait time, wartezeit, temps d attente, tiempo de espera"
    ),
    "csat": _phrases(
        "csat, how satisfied, wie zufrieden, satisfait, satisfecho, soddisfatto, csat score, satisfaction, "
        "satisfaction score, satisfaction rating, rating, stars, star rating, customer satisfaction, score, "
        "bewertung, zufriedenheit, sterne, kundenzufriedenheit, note, note de satisfaction, etoiles, "
        "evaluation, satisfaccion, valoracion, puntuacion, estrellas, calificacion, soddisfazione, "
        "valutazione, stelle, tevredenheid, beoordeling, sterren, satisfacao, avaliacao"
    ),
    "nps": _phrases(
        "nps, to recommend, recommend us, empfehlen, nps score, net promoter score, likelihood to recommend, "
        "recommend, weiterempfehlung, weiterempfehlen, recommanderiez, recommandation, recommander, "
        "recomendacion, recomendaria, recomendar, consiglieresti, aanbevelen"
    ),
    "locale": _phrases(
        "locale, language, lang, reviewer language, sprache, langue, idioma, lengua, lingua, taal, user language"
    ),
    "tags": _phrases(
        "tags, tag, labels, label, category, categories, topics, keywords, product, type, schlagworte, "
        "schlagwoerter, stichworte, etiketten, kategorie, kategorien, themen, etiquettes, mots cles, "
        "categorie, etiquetas, categoria, palabras clave"
    ),
    "thread": _phrases("thread, thread id, conversation, parent id, parent ticket, vorgaenger"),
    "channel": _phrases(
        "channel, via, source, origin, medium, contact channel, kanal, quelle, herkunft, eingangskanal, "
        "kontaktweg, canal, origine, origen, fuente, canale, kanaal"
    ),
    "is_spam": _phrases("is spam, spam, junk, marked as spam"),
    "replies": _phrases(
        "replies, conversation, messages, comments, thread, answers, responses, turns, posts, antworten, "
        "verlauf, nachrichten, kommentare, reponses, echanges, messages echanges, respuestas, conversacion, "
        "mensajes, historial, risposte, conversazione"
    ),
    "attachments": _phrases(
        "attachments, files, attachment names, anhaenge, dateien, pieces jointes, fichiers, adjuntos, archivos"
    ),
}
# An answer in a column of its own, and when it was given.
REPLY = _phrases(
    "reply, answer, response, agent reply, agent response, developer reply text, developer reply, company "
    "response, company reply, owner response, first reply, public reply, solution, resolution, resolution "
    "note, antwort, antworttext, loesung, antwort an den kunden, stellungnahme, reponse, reponse au client, "
    "reponse apportee, solution apportee, respuesta, respuesta del agente, solucion, risposta, soluzione, "
    "antwoord, oplossing, resposta, accepted answer"
)
REPLY_AT = _phrases(
    "reply date, replied at, replied on, response date, answered at, answered on, reply at, developer reply "
    "date and time, company reply date, beantwortet am, antwort am, antwortdatum, date de reponse, repondu "
    "le, fecha de respuesta, respondido el, data risposta"
)
# Inside one of several replies.
REPLY_NAMES: dict[str, tuple[str, ...]] = {
    "text": NAMES["text"]
    + _phrases("reply, answer, antwort, reponse, respuesta, comment body, plain body, html body, say"),
    "at": NAMES["received_at"] + _phrases("at, on, replied at, sent, ts, zeit, heure, hora"),
    "by": _phrases(
        "by, author, from, sender, user, author name, author email, email, name, agent, created by, sent by, "
        "autor, von, absender, verfasser, auteur, de, expediteur, remitente"
    ),
    "helpful": _phrases("helpful, votes, upvotes, score, accepted, likes, hilfreich, utile, util"),
    "is_agent": _phrases(
        "is agent, is staff, staff, agent, is admin, is internal, from agent, from staff, by agent, role, "
        "author role, type, author type, sender type, user type, direction, by, from, author, rolle, typ, "
        "richtung, role de l auteur, rol, tipo"
    ),
}
# Words in a column of roles: these are agents, these customers.
AGENTS = frozenset(
    _phrases(
        "agent, admin, staff, operator, support, employee, teammate, user_agent, outbound, outgoing, out, "
        "mitarbeiter, bearbeiter, ausgehend, conseiller, sortant, agente, saliente, operatore, medewerker, "
        "helper, helpdesk, team"
    )
)
CUSTOMERS = frozenset(
    _phrases(
        "customer, end-user, end_user, enduser, asker, visitor, contact, client, requester, inbound, "
        "incoming, in, kunde, kundin, eingehend, entrant, cliente, entrante, klant, guest, consumer, lead"
    )
)
# Words in a column of channels -> ours.
CHANNELS: dict[str, str] = {
    **dict.fromkeys(_phrases("email, e-mail, mail, e mail, courriel, correo, inbox"), "mail"),
    **dict.fromkeys(_phrases("chat, live chat, livechat, messenger, messaging, whatsapp, widget"), "chat"),
    **dict.fromkeys(_phrases("phone, call, voice, telephone, telefon, anruf, telefono, appel, hotline"), "phone"),
    **dict.fromkeys(_phrases("twitter, facebook, instagram, x, social, social media, linkedin, tiktok"), "social"),
    **dict.fromkeys(_phrases("forum, community"), "forum"),
    **dict.fromkeys(_phrases("review, reviews, app store, google play, bewertung, avis"), "review"),
    **dict.fromkeys(_phrases("survey, umfrage, enquete, encuesta"), "survey"),
    **dict.fromkeys(
        _phrases("ticket, web, web form, webform, form, portal, kontaktformular, formular, formulaire, formulario"),
        "ticket",
    ),
}

_UMLAUTS = (("ß", "ss"), ("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"))
# These say something as the whole name only: a "package name" is nobody's, a "due date" is no beginning.
_WHOLE = frozenset(
    _phrases(
        "name, id, no, nr, date, time, type, from, user, score, note, key, number, ref, reference, nom, nome, "
        "nombre, datum, data, fecha, numero, nummer, source, product, contact, client, content, details, "
        "problem, issue, request, created, closed, codigo, tema, usuario, autor, author, at, on, by, de, von, "
        "rol, tipo, in, out, naam, taal, title, text"
    )
)


@cache
def words_of(name: str) -> str:
    """A column's name as words: "ErstelltAm", "erstellt_am" and "Erstellt am:" are all "erstellt am"."""
    for letter, plain in _UMLAUTS:
        name = name.replace(letter, plain)
    name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[a-z0-9]+", name.casefold()))


def likeness(column: str, phrases: tuple[str, ...]) -> float:
    """How well a column's name fits one of the phrases: 1 for the whole name, less for a part or a later phrase."""
    last, whole = words_of(column.rsplit(".", 1)[-1]), words_of(column)
    best = 0.0
    for i, phrase in enumerate(phrases):
        late = 0.15 * i / len(phrases)
        if phrase in (last, whole):
            best = max(best, 1.0 - late)
        elif phrase not in _WHOLE and f" {phrase} " in f" {whole} ":
            best = max(best, 0.45 + 0.3 * len(phrase) / len(whole) - late / 5)
    return best
