"""What a reply's unit is worth to a draft: chatter is dropped, openings are trimmed, and instructions are told
apart."""

from __future__ import annotations

import re
from collections.abc import Collection

from helploop.drafting.sentences import has_link, without_links


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MIN_WORDS, MAX_WORDS = 3, 60  # docs/measured.md, step 1

_WORD = re.compile(r"[^\W_]+(?:['’\-.:][^\W_]+)*")
PLACEHOLDER = re.compile(
    r"<[a-z][a-z-]{1,24}\d{0,4}>|\[[A-Z][A-Za-z_ \-]{1,24}\d*\]|<[A-Z][A-Z_]{2,24}\d*>|\{[A-Z_]{3,24}\}|\*{3,}|█"
)
_REFERENCE = re.compile(r"\b[A-Z]{2,5}-?\d{4,}\b|\b#\d{4,}\b|\b\d{7,}\b")
_HONORIFIC = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z]")
_GREETING = re.compile(
    r"^(?:(?:hi|hiya|hello|hey|dear|good (?:morning|afternoon|evening|day)|morning|"
    r"greetings)\b[^,!.:?\n]{0,40}[,!.:–-]+\s*"
    r"|(?:hi|hello|hey)\s*$)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:don['’]?t worry|no worries|no problem(?: at all)?|not a problem|of course|sure(?: "
    r"thing)?|certainly|well done|good news|"
    r"absolutely|yes|yep|no|ok(?:ay)?|right|ah|oh|well|sorry(?: about that| to hear that)?|thank "
    r"you(?: for [^,.!:;]{1,60})?|"
    r"thanks(?: for [^,.!:;]{1,60})?|we do|it is|it['’]s|you can|good luck|congratulations|fair "
    r"point|good question|easily done|"
    r"in short|[a-z]+ here|note(?: that)?|your \w+ is (?:spot on|right|correct)|two things(?: to "
    r"check)?|no error|as (?:you (?:say|asked|wrote)|promised)|unfortunately|happily|luckily|by the way|btw|fyi|"
    r"(?:for )?next time|hmm+)\s*[,!:;–-]+\s*",
    re.IGNORECASE,
)
_CONNECTIVE = re.compile(
    r"^(?:and then|and|or|then|also|so|but|now|next|finally|lastly|afterwards?|after that|in addition|additionally|"
    r"otherwise|secondly|firstly|first of all|alternatively|plus|instead|likewise)\b[,:]?\s+",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:^|[,;.!]\s+|\s[-–]\s?)(?:best(?: wishes| regards)?|kind(?:est)? regards|regards|"
    r"warm(?:ly| regards| wishes)|many thanks|"
    r"(?:yours )?sincerely|yours|all the best|cheers|thanks(?: again)?|thank you|take care|have a "
    r"(?:nice|good|lovely|great) \w+|"
    r"happy brewing|enjoy)(?:[ ,!.]+(?:the )?[A-Z]\w*)?(?:(?:,| at| from) [\w ]{1,30})?[.!,]*\s*$",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"(?<=[.!?)])\s+[A-Z][a-z]{1,14}(?:, [A-Z]\w+)?\s*$")
_CHATTER = re.compile(
    r"\b(?:sorry|apolog\w+|thank(?:s| you)|congratulations|glad|pleased|delighted|happy to|"
    r"hope(?:fully)?|cheers|good luck|"
    r"safe travels|as (?:said|mentioned|explained|noted)|we try to help|no worries|don['’]?t "
    r"worry|(?:best|kind|warm) (?:wishes|regards)|regards|sincerely|taken? over from|"
    r"welcome to|nice to|great to|enjoy (?:the|your)|as (?:you|i) (?:asked|say|said|wrote|"
    r"mentioned)|you (?:said|wrote|mention(?:ed)?)|"
    r"(?:on|in|from) your (?:screenshot|photo|picture|mail|message|post|screen shot)|your "
    r"(?:previous|last|earlier|next) (?:reply|post|message|mail|image)|your (?:report|photo|"
    r"screenshot|message|mail) "
    r"(?:has|have|is|was)|i|i['’](?:m|ve|d|ll)|me|mine|imo|imho|afaik|for you|my colleagues?|sure "
    r"you can|let['’]s|you['’]ve (?:still )?(?:got )?\d+)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:>|→|»)\s*[^>→».;,:]{1,40}|(?<=\w )[A-Z]\w+ my \w+|\"[^\"]{1,60}\"|[“‘'][^”’']{1,60}[”’'](?!\w)"
)
_MY = re.compile(r"\bmy\b(?! \w+ >)")
_MY_OWN = re.compile(r"My (?!\w+(?:,| >| \w+ >))")
_DONE_FOR_THEM = re.compile(
    r"\bwe(?:['’]ve| have) (?:just |now |already |also )?\w+(?:ed|ent|ut|id|de|ne)\b|"
    r"\bwe(?:['’]re| are) (?:sending|looking|posting)\b"
    r"|\bwe(?:['’]ll| will) (?:look|check|get back|ask|let you)\b|\b(?:is|are|goes|has gone) "
    r"(?:on its way|out today|out tomorrow)\b"
    r"|\b(?:today|tonight|yesterday|this morning|this time)\b[.!]?$",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(
    r"\?\s*[)\"'”’]*$|^(?:could|can|would|will|may|might|do|did|have|are|is|what|which|when|where|"
    r"who|how|why) (?:you|i|we|it|there)\b.*\?"
    r"|\b(?:send|share|forward|attach|post|tell|give|show|let|reply|email|mail|pm|quote|copy|"
    r"paste)\b[^.]{0,20} (?:me|us|here|back|it in)\b"
    r"|\b(?:please|kindly|just) (?:post|attach|describe|clarify|explain|confirm which|specify|"
    r"upload|reply|answer|provide)\b"
    r"|^(?:post|attach|describe|clarify|specify|upload|provide|reply|explain) |\bwhat (?:is|are|"
    r"do|does|did) (?:you|your|the)\b.*$",
    re.IGNORECASE,
)
_POINTS_AWAY = re.compile(
    r"\b(?:(?:see|read|check|try|follow|look at|refer to|visit|have a look at|explained|described|"
    r"answered|shown|discussed|listed|details|"
    r"instructions|info(?:rmation)?|more)\b[^.]{0,40}\b(?:here|this (?:thread|link|article|page|post|bug|"
    r"topic|answer|guide|question|video)|"
    r"below|above|following (?:link|article|page|thread)|link)|other thread|this thread|in the thread|"
    r"bugzilla|bug \d+|duplicate of|"
    r"as above|(?:link|article|thread|post)s? (?:above|below)|my (?:earlier|previous|other|last|first) \w+)\b",
    re.IGNORECASE,
)
_LEADS_IN = re.compile(
    r"\b(?:following|these|this|steps?|yourself|here|how|below|things|like so|as follows)\b[^.:]{0,30}:$|"
    r"^[^.]{1,40}:$|\b(?:the|as) follow(?:s|ing)[.:]?$",
    re.IGNORECASE,
)
_DANGLES = re.compile(
    r"^(?:that|it|its|this|these|those|they|them|he|she|his|her|both|which|same|one|neither|either|such|there|"
    r"here|because|"
    r"it['’]s|that['’]s|that['’]ll|this['’]ll|they['’]re|there['’]s|here['’]s|although|though|which|who|where|"
    r"until then|in that case|this way|"
    r"the (?:same|other|latter|former|above|following|second|first|grey|next) (?:one|ones|is|are|line|applies|"
    r"issue|problem)|the rest)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"^(?:if (?:so|not|there (?:are|is|aren['’]t|isn['’]t)|(?:it|that|this|they|these|none|neither|both|yes|"
    r"no|one)\b[^,]{0,30})|otherwise|when done|"
    r"once (?:done|that|it)|after that|(?:please |just )?do(?:ing)? (?:that|this|so|the same|it)|repeat|afterwards?)\b",
    re.IGNORECASE,
)
_DANGLING_OBJECT = re.compile(
    r"^(?:please |just |now |simply )?(?:click|press|choose|select|open|delete|remove|try|use|check|change|"
    r"reset|enter|untick|uncheck|set|"
    r"hold|undo|disable|enable|start|run|keep|make|fix|see|let) (?:on )?(?:that|this|it|these|those|them|"
    r"those ones|this one|that one)\b",
    re.IGNORECASE,
)
_PATH = re.compile(r"\w[\w' ’()\"]{0,40}\s*(?:>|→|»|➔|->|=>)\s*[\w\"'(‘“]")
_WHOLE_PATH = re.compile(r"[A-Z][\w']*(?: [\w']+){0,2} > [^.,;:()]+")
_INTERFACE = re.compile(
    r"\b(?:buttons?|menus?|tabs?|settings?|preferences|options?|check ?box(?:es)?|dialog(?:ue)?|toolbars?|"
    r"pane|panel|drop-?down|window|"
    r"icons?|fields?|link|page|app|account|folders?|browser|website|screen|list|keys?|profile|inbox|server|"
    r"password|port|add-?ons?|"
    r"orders|checkout|box)\b",
    re.IGNORECASE,
)
_VERBS = _set(
    """accept activate add adjust agree allow answer append approve apply ask assign attach avoid back boil brush bring
    buy call cancel change charge check choose claim clean clear click close collect compact compare complete
    configure confirm connect contact convert copy count create cut deactivate declare delete deselect detach
    dig disable disconnect dismiss dispute double-click download drag drop edit empty enable ensure enter erase
    exit expand expect export extract fetch file fill filter find finish fix flush follow force format forward
    free freeze get give go grab grind hide hit hold hover highlight import improve include increase insert
    install keep leave let lift link locate lock log look lower make manage mark measure merge migrate modify
    mount move name navigate note obtain open order pack paste pause pay peel perform photograph pick place plug
    point post pour press prevent print proceed pull purge push put quit read rebuild receive recycle redeem
    reduce refresh refuse register reinstall release remember remove rename repair repeat replace report request
    reset restart restore resend retry return review right-click rinse run save scan scroll search select send
    separate set share shake shop shut sign skip sort specify start stay stick stop store subscribe swap switch
    sync synchronise synchronize take tap tell test tick toggle track transfer treat trigger try turn twist type
    uncheck undo uninstall unlock unplug unskip unsubscribe untick update upgrade upload use verify view visit
    wait wash watch wipe wrap write empty tear pop"""
)
_SOFT_START = _set(
    "please kindly just simply first now always never only carefully again once to either also then finally next"
)
_SUGGESTS = re.compile(
    r"\b(?:you (?:can|could|may|need to|have to|should|must|might|will need to)|make sure|be sure|do(?: not|"
    r"n['’]t)|it(?: is|['’]s) best to|"
    r"try to|needs? to be|remember to|the (?:only|best|easiest) way is to)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^(?:if|when|once|after|before|for|in|on|under|from|at|within|with|as soon as|until|to|by|via|"
    r"inside)\b[^,:]{2,120}[,:]\s*(.+)$",
    re.IGNORECASE,
)
_DESTRUCTIVE = re.compile(
    r"\b(?:delet(?:e|es|ed|ing)|remov(?:e|es|ed|ing)|reset(?:s|ting)?|overwrit\w+|downgrad\w+|uninstall\w*|"
    r"format(?:s|ted|ting)?(?= (?:the|your|it|"
    r"drive|disk|partition|hard))|eras(?:e|es|ed|ing)|wip(?:e|es|ed|ing)(?! (?:the )?(?:contacts?|base|lid|it|"
    r"dry|clean))|purg(?:e|es|ed|ing)|reinstall\w*|trash|"
    r"factory|clear (?:all|the|your) (?:data|cache|history|storage|cookies))\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:do not|don['’]?t|never|without|not|no need to|cannot|can['’]?t|instead of)\b[\w ]{0,12}$", re.IGNORECASE
)
_PRICE = re.compile(r"[£$€]\s?\d|\b\d+(?:[.,]\d\d)? ?(?:pounds?|euros?|dollars?|quid|GBP|EUR|USD|p)\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:20\d\d|(?:\d{1,2}(?:st|nd|rd|th)? )?(?:January|February|March|April|June|July|August|September|"
    r"October|November|December)|"
    r"in May|currently|at the moment|for now|these days|recently|latest|this (?:week|month|year|summer|winter))\b"
)
_VERSION = re.compile(
    r"\b(?:v(?:ersion)? ?\d+|\d+\.\d+\.\d+|\d{2,3}(?:\.\d+)+|(?:Windows|Android|iOS|macOS|version|release|"
    r"update|ESR) \d+(?:\.\d+)*)\b",
    re.IGNORECASE,
)
_NOT_NAMES = _set(
    "the team all support customer sir madam there everyone folks both again you your best "
    "kind many with from and for my thanks regards cheers wishes"
)
_SALUTED = re.compile(r"^(?:hi|hiya|hello|hey|dear)\s+(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?([A-Z][\w'’-]+)", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"(?:best wishes|best regards|kind(?:est)? regards|regards|best|cheers|thanks|all the best|yours|"
    r"sincerely)[,!.]?\s+([A-Z][a-z'’-]+)"
    r"(?:,| at|\s*$|\.)|[.!?)]\s+([A-Z][a-z]{1,14})(?:, [A-Z]\w+)?\s*$|"
    r"\n([A-Z][a-z]{1,14})(?:, [A-Z]\w+)?\s*$|\b([A-Z][a-z]+) here\b",
    re.IGNORECASE,
)


def words_of(text: str) -> list[str]:
    """The words of a line, as written; a link is no word."""
    return _WORD.findall(without_links(text))


def names_in(reply: str) -> set[str]:
    """First names a reply greets or signs with: lines that hold them are somebody's, not everybody's."""
    found = {match.group(1) for match in [_SALUTED.match(reply.strip())] if match}
    for match in _SIGNATURE.finditer(reply[-160:]):
        found |= {group for group in match.groups() if group}
    return {name for name in found if name[:1].isupper() and len(name) > 1 and name.lower() not in _NOT_NAMES}


def trim(text: str) -> str:
    """A unit without greeting, interjection, connective and sign-off; "" when nothing is left."""
    line = _SIGNED.sub("", _CLOSING.sub("", text.strip().lstrip(" >:-–=»→*#")))
    for _ in range(3):
        shorter = _OPENING.sub("", _GREETING.sub("", line, count=1), count=1)
        bare = _CONNECTIVE.sub("", shorter, count=1)
        shorter = bare if bare != shorter and instructs(bare) else shorter
        if shorter == line:
            break
        line = shorter.strip()
    line = line.strip(" ,;–-")
    if line.endswith(":") and len(line.split()) > 7 and not _LEADS_IN.search(line):
        line = line[:-1] + "."
    elif line and line[-1] not in ".!?:)\"'”" and len(line.split()) > 1:
        line += "."
    return line[:1].upper() + line[1:]


def why_not(line: str, names: Collection[str], is_item: bool = False) -> str:  # noqa: PLR0911 (one reason, one way out)
    """Why a trimmed line is no use to a draft; "" when it is."""
    words = words_of(line)
    if not MIN_WORDS - (is_item and instructs(line)) <= len(words) <= MAX_WORDS:
        return "length"
    if PLACEHOLDER.search(line) or _REFERENCE.search(line) or _HONORIFIC.search(line):
        return "personal"
    if any(word.split("'")[0].split("’")[0] in names for word in words):
        return "personal"
    if _ASKS_BACK.search(line):
        return "asks back"
    without_labels = _LABEL.sub(" ", line)
    if _CHATTER.search(line) or _MY.search(without_labels) or _MY_OWN.match(line) or _DONE_FOR_THEM.search(line):
        return "chatter"
    if _POINTS_AWAY.search(line) or (has_link(line) and len(words) < 5) or _LEADS_IN.search(line):
        return "points elsewhere"
    is_bare = len(words) < 4 or (len(words) < 5 and not re.search(r"\d", line))
    if is_bare and not is_item and not instructs(line) and not _PATH.search(line):
        return "fragment"
    if _DANGLES.match(line) or _DANGLING_OBJECT.match(line):
        return "dangles"
    return ""


def leans(line: str) -> bool:
    """Whether a line only makes sense after the one before ("If not, ...", "Repeat ...")."""
    return _LEANS.match(line) is not None


def instruct(line: str) -> float:
    """How much a line tells somebody to do something, 0 to 1: .5 imperative, .3 menu path, .2 interface noun
    (docs/measured.md, step 2)."""
    return 0.5 * instructs(line) + 0.3 * (_PATH.search(line) is not None) + 0.2 * (_INTERFACE.search(line) is not None)


def instructs(line: str) -> bool:
    """Whether a line holds an imperative, plain, after a condition, or as advice ("you can ...")."""
    if _SUGGESTS.search(line) or _is_imperative(line):
        return True
    condition = _CONDITION.match(line)
    return condition is not None and _is_imperative(condition.group(1))


def is_step(line: str) -> bool:
    """Whether a line reads as a step to follow rather than as a fact."""
    return (
        _is_imperative(line)
        or _PATH.match(line) is not None
        or ((found := _CONDITION.match(line)) is not None and _is_imperative(found.group(1)))
    )


def paths_in(line: str) -> frozenset[str]:
    """The menu paths of a line, in lower case: {"my box > next delivery"}."""
    found = (re.split(r"[.,;:()]|\bthen\b|\band\b", piece)[0] for piece in _WHOLE_PATH.findall(line))
    return frozenset(" ".join(path.lower().split()) for path in found)


def is_destructive(line: str) -> bool:
    """Whether following the line can lose data: delete, remove, reset, overwrite, downgrade, uninstall, format."""
    return any(not _NEGATED.search(line[: found.start()]) for found in _DESTRUCTIVE.finditer(line))


def volatile(line: str) -> tuple[str, ...]:
    """What in a line goes out of date: price, date, version, link."""
    found = [("price", _PRICE.search(line)), ("date", _DATE.search(line)), ("version", _VERSION.search(line))]
    return tuple(name for name, match in found if match) + (("link",) if has_link(line) else ())


def _is_imperative(text: str) -> bool:
    for word in text.split()[:4]:
        bare = word.strip(".,:;!()\"'“”").lower()
        if bare in _VERBS:
            return True
        if bare not in _SOFT_START and not bare.endswith("ly"):
            return False
    return False
