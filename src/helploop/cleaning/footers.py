"""What programs put around a mail: reply markers of help desks, warnings on top, disclaimers and footers below.

Paragraphs, from the end upwards; a paragraph that asks is never one of them, and something is always left.
"""

from __future__ import annotations

import re

_MARKER = re.compile(
    r"\W{0,5}(?:(?:please )?(?:type|write|enter|add) your reply above this line|(?:please )?reply above this line"
    r"|bitte (?:geben sie ihre antwort|antworten sie|schreiben sie ihre antwort).{0,20}(?:über|oberhalb) dieser zeile"
    r"|(?:geben sie )?ihre antwort (?:bitte )?(?:über|oberhalb) dieser zeile"
    r"|(?:veuillez )?(?:répondre|saisir votre réponse|tapez votre réponse"
    r"|écrivez votre réponse) au-dessus de cette ligne"
    r"|(?:por favor,? )?(?:escriba|responda|introduzca|escribe).{0,20} (?:encima|arriba) de esta línea"
    r"|(?:per favore,? )?(?:digita|scrivi|inserisci|rispondi).{0,20} sopra questa riga"
    r"|(?:typ|schrijf|geef) .{0,20} (?:antwoord|reactie) boven deze (?:regel|lijn)"
    r"|(?:por favor,? )?(?:digite|escreva|insira|responda).{0,20} acima desta linha"
    r"|(?:proszę )?(?:wpisz|wpisać|wprowadź) .{0,20}odpowiedź powyżej t(?:ej linii|ego wiersza)"
    r"|skriv ditt svar (?:ovanför|över) den(?:na| här) (?:rad(?:en)?|linje(?:n)?)).{0,40}\Z",
    re.IGNORECASE,
)
_MARKER_CUES = (
    *("above this line", "dieser zeile", "cette ligne", "esta línea", "questa riga", "deze regel", "deze lijn"),
    *("desta linha", "powyżej t", "denna rad", "den här raden"),
)
_MARKS = re.compile(r"[\W_]{0,200}\Z")

_BANNER = re.compile(
    r"\W{0,5}(?:caution|external|warning|achtung|vorsicht|warnung|attention|extern|externe[rs]?|atención|precaución"
    r"|attenzione|let op|atenção|uwaga|varning|notice|this (?:e-?mail|message) (?:originated|comes?|came) from outside"
    r"|you don['’]t often get e?mail from|sie erhalten nicht häufig e-mails von|diese e-mail stammt"
    r"|vous n['’]obtenez pas souvent|no suele recibir|some people who received this message don['’]t often)\b",
    re.IGNORECASE,
)
_BANNER_CUE = re.compile(
    r"outside (?:of )?(?:the|our|your) (?:organi[sz]ation|company|network)|external (?:e-?mail|sender|source)"
    r"|externe[nr]? (?:absender|e-mail|quelle|sender)|extérieur|expéditeur externe|externo|esterno|esterna"
    r"|extern\w* afzender"
    r"|zewnętrzn|extern avsändare|don['’]t often get|nicht häufig|pas souvent|no suele recibir|\[external\]"
    r"|\(external\)"
    r"|do not click|klicken sie (?:auf )?keine|learn why this is important|^\W{0,5}extern(?:al)?(?:e|er)?\W{0,5}$",
    re.IGNORECASE,
)

# Two kinds of phrases in one paragraph make a disclaimer, one of them of the first four: a customer, too, may have
# been charged "in error" and want something "deleted". Where the writer says "I", it takes three.
_DISCLAIMS = tuple(
    tuple(phrases.split("|"))
    for phrases in (
        "confidential|vertraulich|confidencial|riservat|vertrouwelijk|poufn|konfidentiell|fortrolig",
        "intended solely|intended only|intended for|intended recipient|by the recipient|not the recipient|addressee"
        "|individual or entity|richtige adressat"
        "|richtiger adressat|empfänger|destinataire|destinatari|geadresseerde|bestemd voor|adresat|odbiorc|mottagare",
        "registered in|registered office|company no|company number|handelsregister|amtsgericht|siret|kvk",
        "disclaimer|haftungsausschluss|avis de confidentialité|aviso legal|avvertenza|legally privileged"
        "|rechtlich geschützt|geen rechten|do not necessarily|not accept liability|keine haftung",
        "in error|by mistake|irrtümlich|versehentlich|par erreur|por error|per errore|por engano|por erro|per abuis"
        "|ten onrechte|omyłkow|przez pomyłkę|av misstag",
        "notify|delete|destroy|informieren sie|vernichten|löschen sie|détrui|avertir|supprim|elimin|borr|notif|destrui"
        "|apagar|distrug|cancell|avvis|verwijder|usun|skasow|radera",
        "prohibited|unauthorised|unauthorized|nicht gestattet|untersagt|interdit|prohibid|vietat|proibid"
        "|niet toegestaan|zabronion|otillåten|unbefugte|views expressed|opinions expressed",
    )
)
_FIRST_KINDS = 4
_FOOTER = re.compile(
    r"\A\W{0,3}(?:disclaimer|haftungsausschluss|confidentiality notice|avis de confidentialité|aviso legal)\W{0,3}\Z"
    r"|consider the environment|before printing|denken sie an (?:die|unsere) umwelt|pensez à l['’]environnement"
    r"|piense en el medio ambiente|pensa all['’]ambiente|denk aan het milieu|tänk på miljön|pomyśl o środowisku"
    r"|\bvirus-?free\b|(?:checked|scanned) for (?:spam|virus|malware)|(?:checked|scanned) .{0,40}\bby\b"
    r"|auf viren (?:geprüft"
    r"|überprüft)"
    r"|(?:avast|avg|mcafee|norton|kaspersky|mailscanner|sophos) (?:anti-?virus|software)|antivirus software"
    r"|you (?:are receiving|received|get|are getting) this (?:e-?mail|message|newsletter) (?:because|as)"
    r"|sie erhalten diese (?:e-mail|nachricht|mail)|vous recevez cet? (?:e-mail|message|courriel)"
    r"|recibe(?:s)? este (?:correo|mensaje|e-mail)|(?:ricevi|hai ricevuto) questa (?:e-?mail|mail)"
    r"|u ontvangt deze (?:e-mail|mail)|(?:está a receber|recebeu) este e-?mail|otrzymujesz tę wiadomość|du får det här"
    r"|(?:view|open|read) (?:it |this )?(?:e?mail |message )?(?:in|on) (?:your|a|the)? ?(?:web )?browser"
    r"|view in browser"
    r"|im browser (?:ansehen|öffnen|anzeigen|lesen)|voir dans le navigateur|ver en el navegador"
    r"|(?:manage|update|change) (?:your|my)? ?(?:e-?mail |notification |subscription )?(?:preferences|settings"
    r"|subscription)"
    r"|abmelden\s?[|<(]|newsletter abbest|darse de baja|se désabonner|se désinscrire|\bdisiscriv|\bafmelden\b.{0,5}\||"
    r"(?:click|klick\w*|cliquez|haga clic).{0,20}(?:here|hier|ici|aquí).{0,40}(?:unsubscribe|abmeld|désabonn|baja)"
    r"|unsubscribe (?:from (?:this|these|our|all)|here|link|at any time|\||<)|\A\W{0,3}unsubscribe\W{0,3}\Z"
    r"|\| unsubscribe"
    r"|(?:all rights reserved|alle rechte vorbehalten|tous droits réservés)|^\W{0,3}(?:©|\(c\)) ?\d{4}",
    re.IGNORECASE,
)
_FOOTER_CUES = (
    *(
        "disclaimer",
        "haftungsausschluss",
        "confidentiality notice",
        "confidentialité",
        "aviso legal",
        "environment",
        "printing",
        "umwelt",
        "ambiente",
        "milieu",
        "miljön",
        "środowisk",
    ),
    *(
        "virus",
        "scanned by",
        "antivirus",
        "mailscanner",
        "this email",
        "this e-mail",
        "this message",
        "this newsletter",
    ),
    *("sie erhalten", "vous recevez", "este correo", "este mensaje", "este e-mail", "questa ", "ontvangt deze"),
    *("este email", "tę wiadomość", "det här", "browser", "navigateur", "navegador", "preferences", "settings"),
    *(
        "subscri",
        "abmeld",
        "abbest",
        "darse de baja",
        "désabonn",
        "désinscri",
        "disiscriv",
        "afmelden",
        "rights reserved",
    ),
    *("rechte vorbehalten", "droits réservés", "©", "(c)"),
)
_FIRST_PERSON = re.compile(
    r"\b(?:i|i['’]m|i['’]ve|me|my|mich|mir|mein\w{0,2}|ich|moi|je|mon|mi|yo|io|mio|mij|ik|mijn|eu|meu|mnie|jag|mig)\b",
    re.IGNORECASE,
)
_DISCLAIMER_LENGTH = 60  # characters that a paragraph has at least


def above_marker(text: str) -> str:
    """The text above a help desk's "please type your reply above this line"; below it where nothing stands above."""
    lowered = text.lower()
    if not any(cue in lowered for cue in _MARKER_CUES):
        return text
    lines = text.split("\n")
    at = next((i for i, line in enumerate(lines) if "?" not in line and _MARKER.match(line[:200])), None)
    if at is None:
        return text
    above = at
    while above and _MARKS.match(lines[above - 1][:250]):
        above -= 1
    kept = lines[:above] if any(line.strip() for line in lines[:above]) else lines[at + 1 :]
    return "\n".join(kept) if any(line.strip() for line in kept) else text


def strip_footers(text: str) -> str:
    """The text without what programs put around it. Empty only when the text is."""
    lowered = text.lower()
    lines = text.split("\n")
    start = _below_banner(lines)
    end = len(lines)
    if any(cue in lowered for cue in _FOOTER_CUES) or len(_kinds(lowered)) >= 2:
        end = _above_footers(lines, start)
    kept = "\n".join(lines[start:end]).strip("\n")
    return kept if kept.strip() else text


def _below_banner(lines: list[str]) -> int:
    """The first line below the warnings that a mail gateway puts on top; 0 where there are none."""
    start = 0
    for _ in range(2):
        at = start
        while at < len(lines) and not lines[at].strip():
            at += 1
        if at == len(lines) or not _BANNER.match(lines[at][:200]):
            break
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        paragraph = " ".join(lines[at:end])[:1_000]
        is_banner = "?" not in paragraph and _BANNER_CUE.search(paragraph)
        if not is_banner or not any(line.strip() for line in lines[end:]):
            break
        start = end
    return start


def _above_footers(lines: list[str], start: int) -> int:
    """The line above the disclaimers and footers at the end."""
    end = len(lines)
    while end > start:
        at = end
        while at > start and not lines[at - 1].strip():
            at -= 1
        first = at
        while first > start and lines[first - 1].strip():
            first -= 1
        cut = _footer_start(lines[first:at])
        if cut is None or not any(line.strip() for line in lines[start : first + cut]):
            return end
        end = first + cut
    return end


def _footer_start(paragraph: list[str]) -> int | None:
    """The line of a last paragraph from which on it is a disclaimer or a footer; None where it is none."""
    if any("?" in line for line in paragraph):
        return None
    whole = " ".join(paragraph)[:3_000]
    kinds = _kinds(whole.lower())
    if len(whole) >= _DISCLAIMER_LENGTH and len(kinds) >= 2 + (_FIRST_PERSON.search(whole) is not None):
        return next((i for i, line in enumerate(paragraph) if kinds.intersection(_kinds(line.lower()))), 0)
    for at, line in enumerate(paragraph):
        found = _FOOTER.search(line[:400])
        if found and (len(line) > 80 or not _FIRST_PERSON.search(line)):
            return at
    return None


def _kinds(lowered: str) -> frozenset[int]:
    """Which kinds of phrases that disclaimers are made of stand in a text; none where none of the first ones does."""
    first = [i for i, phrases in enumerate(_DISCLAIMS[:_FIRST_KINDS]) if any(phrase in lowered for phrase in phrases)]
    if not first:
        return frozenset()
    rest = enumerate(_DISCLAIMS[_FIRST_KINDS:], _FIRST_KINDS)
    return frozenset(first + [i for i, phrases in rest if any(phrase in lowered for phrase in phrases)])
