/*
 * Words: the one tokeniser of helploop's search, for texts that are indexed and for queries. Plain script; needs
 * stemmer-en.js before it; gives the global HelploopWords.
 */
var HelploopWords = (function (stemmer) {
  "use strict";

  // Words that carry grammar rather than a topic. They rank by their idf like any other word, but on a small site
  // their idf says nothing: the engine counts them as standing in at least STOP_SHARE of the articles.
  var STOP_WORDS = new Set((
    "a about after again all also am an and any are as at be because been before being but by can cant could did " +
    "do does doesnt doing dont down each for from get gets getting got had has have having he hello help her here " +
    "hi him his how i id if ill im in into is isnt it its ive just know like me more most much my need no not now " +
    "of off on once only or other our out over own please same she should so some such than thank thanks that " +
    "thats the their them then there these they this those through to too under until up us very want was wasnt " +
    "way we were what whats when where which while who why will with wont would yes you your youre"
  ).split(" "));

  // A run of letters, marks and digits, held together by single joints; scripts without spaces go sign by sign.
  var SIGN = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}]";
  var RUN = "[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}]*";
  var WORD = new RegExp(SIGN + "|" + RUN + "(?:[-_./:'\u2019]" + RUN + ")*", "gu");
  var JOINTS = /[-_./:]/g;
  var stems = new Map();

  /** The stem of a folded word. Codes (anything with a digit) and words of other scripts are their own stems. */
  function stemOf(word) {
    var stem = stems.get(word);
    if (stem === undefined) {
      stem = /^[a-z]+$/.test(word) ? stemmer.stem(word) : word;
      if (stems.size > 50000) stems.clear();
      stems.set(word, stem);
    }
    return stem;
  }

  /** Lower case, compatibility forms and Latin accents folded: "Café" and "CAFE" are one word. */
  function fold(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC");
  }

  /**
   * The words of a text: [{word, stem, start, end, isCode, isExtra}], places in UTF-16 units of the text given.
   * A joint word with a digit is a code, kept whole ("KW-1234" -> "kw1234"), never corrected. Other joint words give
   * their parts and, with one hyphen, the joined form as an extra that may be missing ("e-mail" -> e, mail, email).
   */
  function tokenise(text) {
    var tokens = [];
    for (var match of String(text).matchAll(WORD)) addTokens(tokens, match[0], match.index);
    return tokens;
  }

  function addTokens(tokens, raw, start) {
    function add(word, isCode, isExtra) {
      if (!word) return;
      tokens.push({
        word: word, stem: stemOf(word), start: start, end: start + raw.length, isCode: isCode, isExtra: isExtra
      });
    }
    var word = fold(raw).replace(/['\u2019]s$/, "").replace(/['\u2019\s]/g, "");
    if (/\p{N}/u.test(word)) {
      add(word.replace(JOINTS, ""), true, false);
      return;
    }
    var parts = word.split(JOINTS);
    parts.forEach(function (part) { add(part, false, false); });
    if (parts.length === 2 && word.indexOf("-") > 0) add(parts.join(""), false, true);
  }

  /** Grammar, or a number of one or two digits: a word that names no topic. */
  function isStop(word) {
    return STOP_WORDS.has(word) || /^\p{N}{1,2}$/u.test(word);
  }

  return { tokenise: tokenise, stemOf: stemOf, isStop: isStop };
})(HelploopStemmer);
