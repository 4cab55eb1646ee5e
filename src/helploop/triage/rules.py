"""The words by which triage tells kinds apart: groups of patterns on lower-case text, each with a weight and a reason.

A group counts once, however often it is met. English; other languages fall to the question mark and to unsure.
"""

from __future__ import annotations

import re

Rule = tuple[re.Pattern[str], float, str]


def _rules(*rules: tuple[str, float, str]) -> tuple[Rule, ...]:
    return tuple((re.compile(rf"(?:{pattern})"), weight, reason) for pattern, weight, reason in rules)


CAPITALS = re.compile(r"\b[A-Z]{4,}\b")
NO_SHOUT = frozenset(
    [
        "HTML",
        "IMAP",
        "SMTP",
        "IPHONE",
        "IPAD",
        "HTTP",
        "HTTPS",
        "JSON",
        "OLED",
        "WIFI",
        "PDFS",
        "GMAIL",
        "OAUTH",
        "IBAN",
        "PAYPAL",
    ]
)
HOW = re.compile(
    r"\b(?:how (?:do|can|would|to|does) (?:i|you|we|one|it|the|my)?|how to |where (?:do|can|is|are|does"
    r"|would) |how long (?:does|do|will|is|can)|how (?:much|many) |is (?:there|it) (?:a |any |possible)"
    r"|can (?:i|we) |could i |what (?:do|should|can|must) (?:i|we) |when (?:will|do|does|can|is) (?:i|my"
    r"|it|the|you|we)|which )[^.!]{0,250}\?",
)
CLOSED = re.compile(
    r"(?:ok(?:ay)?|k|thanks?|thank you|ta|cheers|great|perfect|done|sorted|never ?mind|all good|found it"
    r"|got it|solved|bye|no worries|yes|no|test\w*)\b.{0,120}\Z",
    re.DOTALL,
)
OTHER = _rules(
    (
        r"\bout of (?:the )?office|automatic(?:ally generated)? (?:reply|response|message)"
        r"|auto[- ]?(?:reply|response|responder|generated)|\babwesenheits|i am (?:currently )?(?:on leave"
        r"|away from (?:my desk|the office))"
        r"|will (?:reply|answer|respond|get back to you) (?:on|upon|after|when) (?:my return|i (?:return"
        r"|am back))|(?:limited|no) access to (?:my )?e?-?mail",
        1,
        "an automatic reply",
    ),
    (
        r"\b(?:backlinks?\b|seo\b|link exchange|guest (?:post|article)|place one in \d+|(?:first"
        r"|top) page of|do-?follow|dear (?:webmaster|webshop owner|site owner|website owner)"
        r"|hi there webmaster|bulk (?:price|offer)|(?:leading|professional) (?:agency|manufacturer"
        r"|supplier)|(?:increase|boost) your (?:sales|traffic|ranking|followers|visibility)"
        r"|special offer for your (?:company|business|shop)|business loan|(?:crypto|bitcoin"
        r"|forex)\b.{0,40}(?:invest|trading|wallet|profit)|investment opportunity"
        r"|you have (?:been )?(?:won|selected)|collaboration opportunity|partnership (?:offer|proposal)"
        r"|100 ?% (?:guaranteed|free)|act now\b|limited time offer|unsubscribe here|we (?:supply"
        r"|manufacture|export) (?:high|all|the best|quality))",
        1,
        "an offer to the company",
    ),
    (
        r"\b(?:wrong (?:company|number|chat|shop|window|person|place)|not meant for you"
        r"|meant for (?:my (?:\w+ )?(?:sister|brother|wife|husband|mum|mother|friend|mate|boss)"
        r"|someone else|another)|(?:please )?(?:ignore|disregard) (?:this|that|my (?:last|previous"
        r"|earlier))|sent (?:this )?by mistake)\b",
        1,
        "not meant for the company",
    ),
    (
        r"(?:\A|\n)(?:this is to confirm that|delivery status notification|undelivered mail|mail delivery failed)",
        1,
        "a notice of another matter",
    ),
)
ASKING = _rules(
    (
        r"\bhow (?:do|can|to|does|would|should|long|much|many|come|often|is|are)\b|\bwhere(?:'s| do| can"
        r"| is| are| does| did| would| has| on)\b|\bwhat(?:'?s|s? is| are| do| does| can| should| happens"
        r"| if)\b",
        1.5,
        "asks",
    ),
    (
        r"\b(?:can|could|may|shall|should|would|will|do|does|did|is|are|am|have|has) (?:i|u|you|we|it"
        r"|there|this|that|they|someone|anyone|my|the|your|ye|these|those)\b[^.!\n]{0,200}\?",
        1.5,
        "asks",
    ),
    (
        r"(?:^|[.!?,;]\s*|\bso |\band |\bbut )(?:can|could|may|do|does|is|are|am|will|would) (?:i|u|you|we"
        r"|it|there|this|the|my|your|bags?|decaf)\b",
        1.5,
        "asks",
    ),
    (
        r"\b(?:please|kindly|pls|plz|pleas) (?!d(?:o )?n[o']?t\b|find\b|note\b|give this|pass)\w+"
        r"|\b(?:please|pls|plz)[.!\s]*\Z",
        1.5,
        "asks",
    ),
    (
        r"\bi(?:'d| would) (?:like|prefer|rather|love) (?:to|my|the|a|it|you|some|them)\b|\bi (?:want|need"
        r"|wish) (?:to|my|the|a|it|you|some|them|another)\b|\b(?:want|trying|tried) (?:to|my)\b"
        r"|\bneed (?:to|a|the|it|help)\b|\bwant(?:ing|s)? (?:my|a|to|proof)",
        1.0,
        "wants",
    ),
    (
        r"\b(?:wondering|not sure|no idea|do ?n'?t know|dunno|can ?n?o?'?t find|could ?n'?t (?:see|find)"
        r"|any (?:chance|way|help|ideas?)|anything (?:you|i|u) can|let me know|tell me|looking for)\b",
        1.0,
        "wonders",
    ),
    (r"\bwhy\b|\bwhen\b[^.\n]{0,80}\?|\bwho (?:do|can|is)\b|\bhow\s*\Z|\bor (?:is it|what|not)\b", 0.8, "asks"),
)
TROUBLE = _rules(
    (
        r"n't\b|\b(?:not|slow\w*|problem\w*|flicker\w*|can(?:no|')?t|cant|won'?t|wont|does ?n'?t|doesnt"
        r"|did ?n'?t|didnt|is ?n'?t|isnt|wasnt|was ?n't|has ?n'?t|hasnt|havent|have ?n't|not (?:working"
        r"|arrived|received|showing|able|here|coming|heating|in the)|unable|fail\w*|error|problem|issue"
        r"|missing|stuck|broken?|crack\w*|leak\w*|dent\w*"
        r"|jam\w*|wrong|unsuccessful|declined|rejected|refused|charged|twice|double|lost|locked|stopp?ed"
        r"|no longer|keeps? \w+ing|disappeared|vanished|damaged|empty|froze\w*|nothing (?:happens|came"
        r"|arrived|here|had happened)|no (?:packet|parcel|box|mail|email|code|label)|still (?:no|not"
        r"|nothing)|never (?:came|arrived|asked)|invalid|expired|kicked|throws?|trips|by mistake|undo"
        r"|terrible noise|light|glow)\b",
        1,
        "trouble",
    ),
)
# Words of anger in general, not of the sample alone: each group counts once.
ANGER = _rules(
    (
        r"\b(?:ridiculous|disgrac\w+|unacceptable|appall\w+|outrag\w+|disgust\w+|shambl\w+|(?:is|are|what"
        r"|such|beyond|complete|total) a? ?joke|pathetic|shame(?:ful|less)?|shame on|insult\w*|scandal\w*"
        r"|atrocious|abysmal|dreadful|horrendous|incompeten\w+|shocking(?:ly)?|shocker|farc\w+|laughable"
        r"|absurd|disrespect\w*|careless\w*|sloppy|slapdash|negligen\w+|hopeless|dire)\b",
        2.0,
        "angry words",
    ),
    (
        r"\b(?:terrible|awful|horrible|useless|worst|poor(?:ly)?|lousy|bad (?:service|experience|manners"
        r"|form|taste)|worse)\b(?! noise)",
        1.5,
        "runs something down",
    ),
    (
        r"\b(?:furious|livid|fuming|angry|anger\w*|annoy\w+|irritat\w+|infuriat\w+|frustrat\w+|fed up"
        r"|sick (?:of|and tired)|tired of|had enough|(?:no|lost|losing|out of) (?:\w+ )?patience"
        r"|at my wit'?s end|embarrassing|disappoint\w+|dissatisf\w+|(?:un|not |less than |far from )happy"
        r"|not (?:\w+ )?(?:impressed|pleased|amused)|unimpressed|let(?:s)? (?:me|us|it|yourselves) down"
        r"|letdown|let-down|upset|resent|dismay\w*|expected (?:better|more))\b",
        1.5,
        "says they are angry or disappointed",
    ),
    (
        r"\b(?:rude\w*|attitude|manners?|the tone|tone of|shrug\w*|unprofessional|unhelpful|condescend\w+"
        r"|patronis\w+|patroniz\w+|dismissive|arrogan\w+|ignor(?:ed|ing)|fobbed|hung up|(?:threw|chucked"
        r"|lobbed|tossed|dumped) (?:it|the|my|our|a)|swore|shouted|slammed|copy[- ]?(?:and[- ])?paste"
        r"|canned|robot|scripted|bot (?:that|which|answer)|passed (?:me )?(?:around|on to)|pillar to post"
        r"|talk(?:ed|ing) down|made me feel|treated (?:like|as)|fob\w*)\b",
        1.5,
        "about how they were treated",
    ),
    (
        r"\b(?:complain\w*|complaint|raise this|lodge|formally|trading standards|ombudsman|small claims"
        r"|solicitor|lawyer|consumer rights|bad review|one star|1 star|going elsewhere|(?:take"
        r"|taking) (?:my|our) (?:money|custom|business)|lost (?:a|my|me as a) custom\w*|never (?:again"
        r"|order\w*|buy\w*)|last (?:order|box|time) (?:i|from|you)|switching to)\b",
        2.0,
        "complains in so many words",
    ),
    (
        r"\b(?:not good enough|simply not|isn'?t good enough|that'?s not the point|not the point|what(?:'s"
        r"| is) the point|how dare|have you any idea|do you (?:even|people|really|actually|honestly)"
        r"|does (?:anyone|anybody)(?: even| actually| ever)|did anyone|how do you justify|how (?:hard"
        r"|difficult) (?:is|can)|is (?:it|that) too much to ask|too much to ask|so much for|what kind of"
        r"|what sort of|you call (?:this|that|it)|explain yourselves|kindly explain|punish\w*|(?:at least"
        r"|be) honest|would at least|(?:do not|don'?t) appreciate|(?:is )?not (?:very )?consistent"
        r"|inconsisten\w+|hypocri\w+|greenwash\w*|mislead\w*|dishonest|broken promise|promises?|promised"
        r"|excuses?|nonsense)\b",
        1.5,
        "reproaches",
    ),
    (
        r"\b(?:rip[- ]?off|ripped off|robbed|robbery|daylight|greed\w*|cheek\w*|overpriced|scam\w*"
        r"|con artists?|money grab\w*|extortion\w*|thieves|crooks?|fraudsters?|milking)\b",
        1.5,
        "feels cheated",
    ),
    (
        r"\b(?:\d+ ?(?:min(?:ute)?s?|hours?|hrs?|days|weeks|times|mails|emails|calls) (?:in|on"
        r"|and counting|without|later|now|of (?:waiting|silence|music))|(?:in|on) (?:the |a "
        r"|your )?(?:queue|hold)|waiting (?:times?|room|since|ages)|(?:third|fourth|fifth|sixth|3rd|4th"
        r"|5th|umpteenth) (?:time|mail|message|agent|attempt)|every single (?:time|week|month|one)"
        r"|again and again|over and over|time and (?:time )?again|not so much as|(?:no|not a"
        r"|without a) (?:word|reply|answer|apology|sorry|explanation)|reminded you|wrote again|no ?(?:one"
        r"|body) (?:\w+ )?(?:answer\w*|repl\w+|reads?|cares?|bother\w*|listen\w*|picks? up)|all (?:four"
        r"|three|five)|(?:four|three|five) (?:agents|people|different)|yet again|once again"
        r"|each of my last|deaf ears|silence)\b",
        1.5,
        "had to wait or to repeat themselves",
    ),
    (
        r"\b(?:(?:is|are|was|what) a (?:mess|pain|nightmare|shame)|mess|feels? (?:\w+ )?cheap"
        r"|cheap(?:ly)? (?:in|made|plastic|and)|thin plastic|my eyes|unreadable|too (?:big|much"
        r"|many) (?:plastic|packaging|mails?|emails?)|plastic (?:cushions|pillows|waste)|(?:one|1) (?:mail"
        r"|message) would do|rubbish|crap\w*|garbage|bloody|wtf|ffs|damn\w*|gone downhill|downhill"
        r"|used to be (?:\w+ )?(?:good|better|great)|went off|tasteless|stale|burnt|undrinkable|bland"
        r"|slow as|painfully|waste of (?:time|money|paper))\b",
        1.5,
        "runs something down",
    ),
    (
        r"\b(?:i (?:do )?expect(?:ed)?\b|put (?:it )?right|find it or|sort (?:it|this|yourselves) out"
        r"|get (?:it|your act|a grip) together|pull your socks|take responsibility|held accountable|owe me"
        r"|demand|feedback to|pass (?:this|it) on|not a request|be warned)",
        1.0,
        "demands",
    ),
    (
        r"\b(?:honestly|seriously|frankly|apparently|supposedly|unbelievable|incredible that"
        r"|i can'?t believe|what a (?:joke|shame|waste|mess|way)|my (?:only )?(?:gripe|grumble|moan|rant)"
        r"|rant|grumble|grievance|sorry to say|i'?m afraid (?:that )?(?:i|this|your|the))\b",
        0.8,
        "vents",
    ),
)
PRAISE = _rules(
    (
        r"\b(?:brilliant\w*|fantastic|fab|fabulous|amazing|wonderful\w*|excellent|superb\w*|gorgeous"
        r"|delicious|delightful|outstanding|impressed|delighted|perfect(?:ion)?|spot on|top notch"
        r"|first class|marvellous|magnificent|heavenly|divine|stunning|beautiful\w*|exquisite|charming"
        r"|incredible|phenomenal|best (?:\w+ ){0,5}(?:ever|i|you|anywhere|yet|in))\b",
        1.2,
        "praises",
    ),
    (
        r"\b(?:well done|credit (?:where|to)|hats? off|keep (?:it|up)|compliments?|kudos|bravo|chapeau"
        r"|prais\w+|fair is fair|fair play|thumbs up|(?:five|5) stars?|top marks|full marks|10/10"
        r"|ten out of ten|made my (?:day|week|morning|year)|to whoever|appreciat(?:e|ing|ion|ed)|grateful"
        r"|gratitude|pass (?:on )?(?:my|our|the) (?:thanks|compliments|regards)|(?:a|big|huge|many"
        r"|heartfelt|special|warm) (?:thank you|thanks|shout ?out)|shout ?out|legend|(?:a|absolute"
        r"|an absolute|real|little) (?:star|gem|angel|treasure|hero)|pay rise|raise|bonus|medal|bless)\b",
        1.5,
        "praises in so many words",
    ),
    (
        r"\b(?:(?:just|only|simply) (?:wanted|want|writing|wrote|a (?:quick )?note) (?:to|for)"
        r"|wanted to (?:say|tell|thank|let)|thought i(?:'d| would| should) (?:write|say|let|tell)"
        r"|writing only|only writing|that'?s all|thats all|no (?:question|complaint|reply|answer|need to)"
        r"|nothing (?:else )?to (?:ask|complain)|someone should (?:know|tell)|you (?:should|ought to) know"
        r"|(?:tell|let) (?:him|her|them|your|whoever|the))\b",
        1.0,
        "writes to say so",
    ),
    (
        r"\b(?:sorted (?:me|it|everything|us)|put it right|so (?:kind|helpful|patient|quick|polite|lovely"
        r"|good)|did not rush|very (?:kind|helpful|patient|polite|nice|good|happy|pleased)|(?:really|super"
        r"|extremely|incredibly) (?:kind|helpful|patient|nice|good|happy|pleased)|(?:great|good|quick"
        r"|super|lovely|friendly) (?:service|support|help|coffee|stuff|job|work|box|people|team|chap|lady"
        r"|lad)|love(?:d|ly|s)?\b|adore\w*|enjoy\w*|treat\b|joy\b|happy|pleased|thank (?:you|him|her|them"
        r"|u)|thanks|cheered|smil\w+|kindness|care taken|thoughtful|rare these days|converted|hooked)\b",
        0.8,
        "thanks or enjoys",
    ),
)
IDEA = _rules(
    (
        r"\b(?:(?:a|my|one|small|feature|quick|friendly) suggestion|suggestions?(?: for|(?=:))|(?:i|may i"
        r"|can i|would|to|like to|me) suggest|\A\W*suggestions?\b|(?:an|my|the|one|small|little"
        r"|quick) idea\b|idea(?:s)? (?:for|:)|have (?:you )?(?:ever )?(?:considered|thought (?:of|about))"
        r"|ever (?:considered|thought)|feature (?:request|suggestion|idea)|request for a feature"
        r"|propos(?:e|al)|wish ?list|food for thought|improvement)\b",
        2.5,
        "calls it an idea",
    ),
    (
        r"\b(?:you (?:guys |lot |people )?(?:should|could|ought to|might(?: want to)?)(?: really| maybe"
        r"| also| just| totally| perhaps)? (?:do|show|make|offer|add|let|have|sell|bring|put|print|give"
        r"|start|consider|include|use|send|try|run|open|get|build|create|introduce|partner|team)"
        r"|why (?:not|don'?t (?:you|u)|no) (?:just )?(?:a|an|make|offer|add|let|sell|have|put|do|give|run"
        r"|print|use)|(?:how|what) about (?:a|an|making|adding|offering|some|you|having|doing|letting)"
        r"|(?:maybe|perhaps) (?:you|a|an|add|make|offer))\b",
        2.0,
        "says what the company should do",
    ),
    (
        r"\b(?:would (?:be|make) (?:a |an )?(?:really |so |very |such )?(?:nice|great|good|useful|helpful"
        r"|cool|lovely|brilliant|handy|fun|ace|fab|amazing|welcome)|it'?d be (?:nice|great|good|lovely"
        r"|useful|cool|ace)|would(?: not|n'?t) it be|i(?:'d| would| will|'ll) (?:happily|gladly|totally"
        r"|definitely|even)? ?(?:pay|buy) |please (?:do |make |add|respect|consider|bring back|introduce)"
        r"|let us (?:rate|choose|pick)|bring back|could you print|if only|i wish (?:you|the|there)"
        r"|collab\w*|limited edition|dark mode|widget)\b",
        1.5,
        "wishes for something new",
    ),
)
