"""Mails without what they quote: earlier mails and their headers. What they forward is part of what they say.

By lines, one pass, each pattern on a capped line, so linear on hostile input. (mail-parser-reply stands beside it in
benchmarks/intake.) In doubt a line stays: the question must not be lost.
"""

from __future__ import annotations

import re

_LINE_CAP = 300  # characters of a line that patterns see
_HEADER_SPAN = 6  # lines over which mail programs break "On ... wrote:"
_WRAPPED = 55  # characters of a quoted line that may go on in the next, which has lost its mark
_NOTE_WORDS = 25  # words that a note above a forwarded mail may have when no subject tells that it is forwarded

# "On Tue, 1 Feb, Some One <a@b.example> wrote:", in the words of eleven languages.
_WROTE = re.compile(
    r"(?:\bwrote|\bschrieb|a écrit|escribió|escreveu|ha scritto|\bskrev|schreef|geschreven|napisał|написал|пише|写道"
    r"|napsal|написав|kirjoitti|írta|a scris|yazdı)\b"
)
_OPENS = re.compile(
    r"[>\s]*(?:(?:On|Am|Le|El|Em|Il|Op|Den|Dnia|Dne|At|在)\s.{0,40}\d|.{0,80}<[^<>\s]{1,100}@[^<>\s]{1,100}>"
    r"|(?:El|On|Le|Am|Op)\s\w+,|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\s\w{3,12}\.?\s\d{4}"
    r"|\w{5,12},\s\d{1,2}\s\w+\s\d{4}|\w{2,4}\.?,?\s\d{1,2}\.?\s\w{3,12}\.?\s\d{4})"
)
# Yahoo writes the header and the first words of what it quotes on one line.
_WROTE_INLINE = re.compile(
    r"\s*(?:On|Am|Le|El|Em|Il|Op|Den|W dniu)\s.{4,60}\d.{0,60}<[^<>\s]{1,100}@[^<>\s]{1,100}>\s?"
    r"(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|skrev|schreef|napisał(?:\(a\))?)\s?:\s"
)
_WROTE_LAST = re.compile(r"(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|skrev|schreef)\Z")  # Zoho: no colon
_DATED = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:\s\d{1,2}:\d{2}\s(?:GMT|UTC)\S{0,6})?\s\S.{0,100}\Z")
_AT_YOU = re.compile(r"[>\s]*(?:At|On) .{4,60}, (?:you|\S{1,40}) wrote:\s*\Z")
_FORWARDED = re.compile(
    r"[>\s]*[-_*]{2,}\s?(?:Forwarded (?:message|by .{1,60})|Weitergeleitete Nachricht|Message transféré"
    r"|Mensaje reenviado|Messaggio inoltrato|Mensagem (?:encaminhada|reencaminhada)|Doorgestuurd bericht"
    r"|Forwarded mail|Vidarebefordrat meddelande|Videresendt (?:melding|meddelelse)"
    r"|(?:Przekazana wiadomość|Wiadomość przekazana|Treść przekazanej wiadomości))\s?[-_*]{0,40}\s*\Z"
    r"|[>\s]*(?:Begin forwarded message|Anfang der weitergeleiteten (?:Nachricht|E-Mail)|Début du message (?:réexpédié"
    r"|transféré)|Inicio del mensaje reenviado|Inizio messaggio inoltrato|Begin doorgestuurd bericht"
    r"|Início da mensagem (?:re)?encaminhada|Vidarebefordrat brev)\s?:\s*\Z",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"[>\s]*[-_*]{2,}\s?(?:Original[ -](?:Message|Appointment|Nachricht|Mail)|Mensaje original|Messaggio originale"
    r"|Mensagem original|Message d['’]origine|Ursprüngliche (?:Nachricht|E-Mail)|Oprindelig (?:meddelelse|besked)"
    r"|Oorspronkelijk bericht|Ursprungligt meddelande|Opprinnelig melding"
    r"|(?:Oryginalna wiadomość|Wiadomość oryginalna))\s?[-_*]{0,40}\s*\Z"
    r"|-{3,}\s?On .{10,120} wrote\s?-{3,}\s*\Z",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"[>\s]*\*?(?:From|Sent|To|Cc|Message du|Sujet|Copie à|Envoyé le|Dato|От|Отправлено|Кому|Тема|Дата|Subject|Date"
    r"|Reply-To|Von|Gesendet|An|Betreff|Datum"
    r"|De|Envoyé|À|Objet|Enviado|Para|Asunto|Fecha|Da|Inviato|A|Oggetto|Data|Risposta|Van|Verzonden|Aan|Onderwerp"
    r"|Od|Wysłano|Do|Temat|Från|Skickat|Till|Ämne|Fra|Sendt|Til|Emne|Assunto|Organization)\s?:\*?\s",
    re.IGNORECASE,
)
_FROM_FIELD = re.compile(
    r"[>\s]*\*?(?:From|Von|De|Da|Van|Od|Från|Fra|От|Date|Subject|Message du)\s?:\*?\s", re.IGNORECASE
)
_SENDS_ON = re.compile(
    r"\b(?:fyi|fya|(?:see|read|message|mail|request|question|answer|it) .{0,20}below|forward(?:ed|ing)|weitergeleitet"
    r"|leite .{1,40} weiter|(?:bitte|kannst|können) .{0,30}übernehmen|zur (?:info|kenntnis)|s(?:iehe|\.) ?u(?:nten"
    r"|\.)|ci-dessous"
    r"|pour (?:info|information)|pour suite|(?:ver|vea|véase) .{0,20}abajo|reenvío|vedi .{0,20}sotto|inoltro"
    r"|zie .{0,20}onder"
    r"|doorgestuurd|(?:ver|veja) .{0,20}abaixo|reencaminho|encaminho|patrz poniżej|przekazuję|se nedan"
    r"|vidarebefordrar)(?:\W|\Z)",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"\s*(?:--|—|––|_{2,60}|-{10,60})\s*\Z")
_QUOTED = re.compile(r"\s{0,3}(?:>|\|(?:\s|\Z))|\w{1,30}>(?:\s|\Z)")
_SHOWS = re.compile(r"\A[^\d@]{0,299}:\s*\Z")  # "I get this error:" is no header, what is quoted below belongs to it
_CITED = re.compile(r"\s{0,3}>|\w{1,30}>(?:\s|\Z)")


def new_parts(text: str, *, is_forward: bool | None = None, keep_forwarded: bool = True) -> list[str]:
    """What is new in a mail, then what it forwards, each without headers and quotes.

    is_forward: what the subject says ("Fwd:" or "Re:"), None when it says nothing.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    parts = _parts(lines, is_forward, keep_forwarded, 0)
    joined = ["\n".join(part).strip("\n") for part in parts]
    return [part for part in joined if part.strip()] or [text.strip("\n")]


def _parts(lines: list[str], is_forward: bool | None, keep_forwarded: bool, depth: int) -> list[list[str]]:
    """The lines above the first header; of a header at the top, the lines below; of a forwarded mail, both."""
    at, after = _find_header(lines)
    if at is None or depth > 5:
        return [_without_trailing_quotes(lines, _CITED)]
    above, below = _without_trailing_quotes(lines[:at]), lines[after:]
    if not any(line.strip() and not _QUOTED.match(line) for line in above):
        return _below_a_header(lines, below, is_forward, keep_forwarded, depth)
    if keep_forwarded and _is_forward(lines[at], above, below, is_forward):
        return [above, *_parts(_unquoted(below), False, keep_forwarded, depth + 1)]
    answered = _answered_below(below)
    return [[*above, *answered]] if answered else [above]


def _below_a_header(
    lines: list[str], below: list[str], is_forward: bool | None, keep_forwarded: bool, depth: int
) -> list[list[str]]:
    """A header at the very top: what it quotes goes where something is said below it, else it is all there is."""
    while below and not below[0].strip():
        below = below[1:]
    below = _with_wraps_quoted(below)
    if below and _QUOTED.match(below[0]):
        if _blocks_answered(below) > 1:
            return [_without_trailing_quotes(below)]
        unquoted = _below_quote(below)
        if not any(line.strip() for line in unquoted):
            return [lines]
        return [unquoted] if _find_header(unquoted)[0] is None else _parts(unquoted, False, keep_forwarded, depth + 1)
    return _parts(below, False if is_forward is None else is_forward, keep_forwarded, depth + 1)


def _is_forward(header: str, above: list[str], below: list[str], is_forward: bool | None) -> bool:
    """Whether what stands below the header was sent on to be read: by its marker, the subject, or a short note."""
    if not any(line.strip() for line in below):
        return False
    if _FORWARDED.match(header[:_LINE_CAP]) or is_forward:
        return True
    if is_forward is False or not (_ORIGINAL.match(header[:_LINE_CAP]) or _FROM_FIELD.match(header[:_LINE_CAP])):
        return False
    note = " ".join(above)
    return len(note.split()) <= _NOTE_WORDS and _SENDS_ON.search(note[:_LINE_CAP]) is not None


def _unquoted(lines: list[str]) -> list[str]:
    """A forwarded mail without the mark that its every line carries."""
    if all(not line.strip() or line.lstrip().startswith(">") for line in lines):
        return [line.lstrip()[1:].removeprefix(" ") for line in lines]
    return lines


def _answered_below(below: list[str]) -> list[str]:
    """What a mail quotes under its first words and answers below, with the quotes; nothing where none is answered."""
    below = _with_wraps_quoted(below)
    first = next((line for line in below if line.strip()), "")
    if not first.startswith((">", "|")):
        return []
    end = next((i for i, line in enumerate(below) if _DELIMITER.match(line[:70])), len(below))
    kept = _without_trailing_quotes(below[:end])
    return kept if any(line.strip() and not _QUOTED.match(line) for line in kept) else []


def _with_wraps_quoted(lines: list[str]) -> list[str]:
    """Lines that a mail program broke out of a quoted line get the mark that they lost."""
    out: list[str] = []
    for line in lines:
        is_wrap = bool(out) and len(out[-1]) >= _WRAPPED and out[-1].startswith(">") and out[-1][-1:] not in ".!?:"
        out.append(f"> {line}" if is_wrap and line.strip() and not _QUOTED.match(line) else line)
    return out


def _blocks_answered(lines: list[str]) -> int:
    """How many quoted blocks have words of the writer's own below them."""
    answered, is_quote = 0, False
    for line in lines:
        if _QUOTED.match(line):
            is_quote = True
        elif line.strip():
            answered += is_quote
            is_quote = False
    return answered


def _below_quote(lines: list[str]) -> list[str]:
    at = 0
    while at < len(lines) and (not lines[at].strip() or _QUOTED.match(lines[at])):
        at += 1
    # footnotes of the quoted mail ("Links:", "[1] https://...") belong to it
    return _without_trailing_quotes(lines[at:])


def _find_header(lines: list[str]) -> tuple[int | None, int]:
    """Where the first header of an earlier mail begins, and the line after it; (None, 0) when there is none."""
    skip_to, before = 0, ""
    for at, line in enumerate(lines):
        seen = line[:_LINE_CAP]
        if not seen.strip():
            continue
        is_shown, before = before.rstrip().endswith(":") and not _FIELD.match(before), seen
        if at < skip_to:
            continue
        if _FORWARDED.match(seen) or _ORIGINAL.match(seen):
            return at, _after_fields(lines, at + 1)
        if _FROM_FIELD.match(seen) and _is_field_block(lines, at):
            if not is_shown:
                return at, _after_fields(lines, at)
            skip_to = _after_fields(lines, at)  # "The header says:" - the writer shows a mail
            continue
        if _DATED.match(seen) and (at + 1 == len(lines) or not lines[at + 1].strip() or lines[at + 1].startswith(">")):
            return at, at + 1
        if _WROTE_INLINE.match(seen):
            return at, at + 1
        if _OPENS.match(seen) or _WROTE.search(seen):
            end = _wrote_end(lines, at)
            if end:
                return at, end
    return None, 0


def _wrote_end(lines: list[str], at: int) -> int:
    """The line after "... wrote:" when it begins at `at`; 0 when it does not."""
    joined = ""
    for end in range(at, min(at + _HEADER_SPAN, len(lines))):
        part = lines[end][:_LINE_CAP].strip().lstrip(">").strip()
        joined = f"{joined} {part}".strip()
        if len(joined) > _LINE_CAP:
            return 0
        following = lines[end + 1][:_LINE_CAP].strip() if end + 1 < len(lines) else ""
        is_end = (
            joined.endswith((":", "："))
            or ("@" in joined and not following and _WROTE_LAST.search(joined) is not None)
            or (following.startswith((">", "|")) and not following.endswith(":"))
        )
        if not is_end:
            continue
        if _AT_YOU.match(joined):
            return end + 1
        is_named = "@" in joined or any(c.isdigit() for c in joined)
        is_said = _WROTE.search(joined) or (_ends_in_address(joined) and not lines[at].lstrip().startswith(">"))
        if is_named and is_said and _OPENS.match(joined):
            return end + 1
    joined = lines[at].strip()
    if at + 1 < len(lines) and _ends_in_address(joined) and joined[:1].isdigit():
        return at + 1
    return 0


def _ends_in_address(text: str) -> bool:
    return text.rstrip(":： ").endswith(">") and "@" in text


def _is_field_block(lines: list[str], at: int) -> bool:
    """From, Sent, To, Subject in a row: two or more of them within five lines."""
    return sum(1 for line in lines[at : at + 5] if _FIELD.match(line[:_LINE_CAP])) >= 2


def _after_fields(lines: list[str], at: int) -> int:
    last = at
    for i in range(at, min(at + 12, len(lines))):
        if _FIELD.match(lines[i][:_LINE_CAP]):
            last = i + 1
        elif i > last + 1:
            break
    while last < len(lines) and last > at and lines[last].strip() and not _FIELD.match(lines[last][:_LINE_CAP]):
        last += 1  # a subject broken over two lines
        if last - at > 14:
            break
    return last


def _without_trailing_quotes(lines: list[str], quoted: re.Pattern[str] = _QUOTED) -> list[str]:
    """Without the quoted block at the end (there must be something above it)."""
    end = len(lines)
    is_quote_seen = False
    while end and (not lines[end - 1].strip() or quoted.match(lines[end - 1])):
        is_quote_seen = is_quote_seen or bool(lines[end - 1].strip())
        end -= 1
    if not is_quote_seen or not end or _SHOWS.search(lines[end - 1][-_LINE_CAP:]):
        return lines
    return lines[:end]
