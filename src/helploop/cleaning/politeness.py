"""Greetings, thanks, sign-offs and names around what a person has to say. In doubt they stay."""

from __future__ import annotations

import re

_HELLO = (
    r"(?:hi+|hiya|hello|hallo|hey+|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|morning|evening"
    r"|guten (?:tag|morgen|abend)|moin|servus|grüß gott|grüezi|bonjour|bonsoir|salut|hola|buenos días"
    r"|buenas(?: tardes| noches)?|ciao|salve|buongiorno|buonasera|olá|oi|bom dia|boa (?:tarde|noite)|hej|hejsan|hei|hoi"
    r"|goddag|god (?:morgon|dag|kväll|morgen|aften)|goede(?:morgen|middag|navond|ndag)|dzie[ńn] dobry|dobry wieczór"
    r"|witam|witaj|cze[śs][ćc]|dobrý den|ahoj)"
)
_DEAR = (
    r"(?:dear|to whom it may concern|sehr geehrte[rs]?|guten tag (?:frau|herr)"
    r"|liebe[rs]?|estimad[oa]s?|cher|chère|gentile|egregio|spettabile|beste|geachte|prezad[oa]s?|car[oa]s?"
    r"|szanown[iay]|kära|bästa)"
)
# Hello on a line of its own; hello and a name before a comma; Dear anybody; a bare hi.
_OPENING = re.compile(
    rf"\s*(?:{_HELLO}\b[^\n?]{{0,60}}?[,.!:;]*\s*\n"
    rf"|{_DEAR}\b[^\n,.!:?]{{0,60}}[,.!:]*\s*\n|{_DEAR}\b[^\n,.!:?]{{0,50}}[,!:]\s*"
    rf"|{_HELLO}(?: (?:there|all|again|everyone|everybody|team|folks|guys|you|support|mates?|to|the"
    rf"|(?-i:[A-Z])[\w'’-]{{0,20}})){{0,4}}"
    rf"\s?[,.!:;–—-]+\s*|(?:hi|hiya|hello|hey)(?: there| all| everyone| guys| team)?\s+)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"[\s/*_~—–-]{0,5}(?:(?:with |many |my |our )?(?:(?:very |ever so )?(?:kind|kindest|best|warm|warmest"
    r"|friendly|sunny|sincere|fond)\s)?"
    r"(?:regards|wishes|greetings)|(?:all the |all my )?best|all the best|(?:yours|your)(?: (?:faithfully"
    r"|sincerely|truly|etc|hopefully))?|sincerely|respectfully|faithfully"
    r"|cordially|kindly|cheers|warmly|ta|thx|tia|(?:and |so )?(?:many |much |a thousand )?(?:thanks"
    r"|thank you|thankyou)[\w ]{0,40}"
    r"|yours \w+(?: \w+){0,2}|with (?:\w+ ){0,3}(?:thanks|regards|greetings|wishes)"
    r"|mit (?:freundlichen|besten|lieben|herzlichen) gr(?:ü|ue|u)(?:ß|ss)en.{0,20}"
    r"|(?:viele|liebe|beste|schöne|freundliche|herzliche|sonnige|mfg und)? ?(?:danke und |dank und )?"
    r"(?:gr[üu]e?(?:ß|ss)e?)(?: (?:aus|von|und) .{1,25})?"
    r"|mfg|lg|vg|bg|(?:vielen |besten |herzlichen |schönen )?dank(?:e)?(?: (?:im voraus|schonmal|schon mal))?"
    r"(?: und .{1,25})?"
    r"|(?:bien |très )?cordialement|bien à vous|sincères salutations|salutations|(?:un grand )?merci(?: d['’]avance"
    r"|(?: beaucoup)? (?:à|pour) .{1,30}| beaucoup)?|bonne (?:journée|soirée)"
    r"|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|atte\.?|(?:muchas |mil )?gracias(?: .{1,30})?"
    r"|(?:cordiali|distinti|tanti|un caro|cari) salut[io]|saluti|(?:mille )?grazie(?: mille| in anticipo)?"
    r"|(?:met )?(?:vriendelijke|hartelijke|beste) groet(?:en)?|groet(?:en|jes)?|mvg|(?:alvast )?bedankt(?: .{1,20})?"
    r"|(?:hartelijk |alvast )dank|atenciosamente|(?:com os )?(?:melhores )?cumprimentos|abraços?|(?:muito )?obrigad[oa]"
    r"(?: .{1,20})?|(?:med )?vänlig(?:a)? hälsning(?:ar)?|(?:bästa )?hälsningar|tack(?: på förhand)?|mvh"
    r"|(?:serdecznie |z )?pozdrawiam(?: serdecznie)?|pozdrowienia|z powa[żz]aniem"
    r"|(?:z góry )?dzi[ęe]kuj[ęe](?: .{1,20})?|dzi[ęe]ki"
    r"|(?:med )?(?:venlig|vennlig) hilsen|(?:de )?(?:bedste |venlige |kærlig |mange )?hils(?:en|ner)|kh|vh"
    r"|s pozdravem|děkuji"
    r"|(?:greetings|regards|all the best|best wishes|cheers|love) from (?:-?\w{1,20} ?){1,3})"
    r"\s?[^\w\s?]{0,4}(?:(?<=[,.!–-])\s?(?-i:[A-ZÀ-Þ])[\w'’.-]{0,20}(?: (?-i:[A-ZÀ-Þ])[\w'’.-]{0,20}){0,2})?\s*\Z",
    re.IGNORECASE,
)
_THANKS_LINE = re.compile(
    r"\W{0,3}(?:(?:many |so |much )?(?:thanks|thank ?you|thx|cheers|ta)(?: \w+){0,8}|any (?:help|advice"
    r"|ideas?|suggestions?)(?: \w+){0,8} appreciated"
    r"|(?:please|pls) (?:help|advise|assist)(?: me)?|have a (?:\w+ ){1,2}(?:day|weekend|week|evening)"
    r"|(?:hope|looking forward) to hear(?:ing)? (?:\w+ ?){1,5}"
    r"|i (?:look|am looking) forward to (?:\w+ ?){1,5}|(?:mit )?danke(?: \w+){0,4}|gracias(?: \w+){0,4}"
    r"|merci(?: \w+){0,4})[\s.!,:)x🙏🙂😊]{0,6}\Z",
    re.IGNORECASE,
)
_CLOSING_INLINE = re.compile(
    r"(?<=[.!?)])\s+(?:(?:many |so many |kind |best |warm )?(?:thanks|thank you|regards|wishes|cheers|ta"
    r"|thx|best)(?: again| so much| in advance| very much| a lot| a bunch| a million| for (?:your|any"
    r"|all your|the) (?:help|time|assistance|advice|support|answers?))*)"
    r"[\s,.!–—-]{0,4}(?:(?-i:[A-Z])[\w'’.-]{0,20}(?:,? (?-i:[A-Z])[\w'’.-]{0,20}){0,3})?[\s.!x🙏🙂😊]{0,5}\Z",
    re.IGNORECASE,
)
_SIGNED_INLINE = re.compile(r"(?<=[.!?)])\s+([^.!?\n]{2,40})[.!]?\s*\Z")  # "... as usual. Enjoy, Deniz, Kettlewren"
_NAME_LINE = re.compile(
    r"[\s/\-–—~*]{0,4}[A-ZÀ-Þ][\w'’-]{0,20}\.?(?: (?:de|van|von|der|la"
    r"|[A-ZÀ-Þ][\w'’.-]{0,20})){0,3}(?: \((?:Mrs|Mr|Ms|Miss|Dr)\.?\))?\s*\Z"
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SIGNED_LINES = 9  # lines that a signature may have under its sign-off
_TAIL = 300  # characters at the end in which an inline closing is looked for


def strip_politeness(text: str, names: tuple[str, ...] = ()) -> str:
    """The text without its greeting, thanks, sign-off and signature; "" when it is nothing else."""
    said = text.strip()
    for _ in range(2):  # "Hello, good morning!"
        opening = _OPENING.match(said[:200])
        if not opening:
            break
        said = said[opening.end() :]
    tokens = frozenset(word.lower() for name in names for word in _WORDS.findall(name.split("@")[0]))
    lines = _without_sign_off(said.rstrip().split("\n"))
    lines = _without_thanks_and_names(lines, tokens)
    said = "\n".join(lines).strip()
    head, tail = said[:-_TAIL], said[-_TAIL:]
    tail = _CLOSING_INLINE.sub("", tail)
    if tokens:
        signed = _SIGNED_INLINE.search(tail)
        if signed and tokens.intersection(word.lower() for word in _WORDS.findall(signed[1])):
            tail = _CLOSING_INLINE.sub("", tail[: signed.start()])
    said = (head + tail).strip()
    return said[:1].upper() + said[1:] if text[:1].isupper() else said


def _without_sign_off(lines: list[str]) -> list[str]:
    """Cuts at the last sign-off line when everything below it is short and asks nothing."""
    below = 0
    for at in range(len(lines) - 1, 0, -1):
        line = lines[at]
        if not line.strip():
            continue
        if len(line) <= 80 and _CLOSING.match(line):
            return lines[:at]
        below += 1
        if below > _SIGNED_LINES or len(line) > 90 or "?" in line:
            break
    return lines


def _without_thanks_and_names(lines: list[str], tokens: frozenset[str]) -> list[str]:
    end = len(lines)
    while end > 1:
        line = lines[end - 1]
        if line.strip() and not (len(line) <= 90 and (_THANKS_LINE.match(line) or _is_name(lines, end - 1, tokens))):
            break
        end -= 1
    return lines[:end]


def _is_name(lines: list[str], at: int, tokens: frozenset[str]) -> bool:
    words = [word.lower() for word in _WORDS.findall(lines[at])]
    if words and len(words) <= 5 and tokens.intersection(words):
        return True
    return not lines[at - 1].strip() and len(lines[at]) <= 40 and _NAME_LINE.match(lines[at]) is not None
