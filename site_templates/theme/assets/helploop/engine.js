/*
 * helploop's search engine: plain script, no dependencies, no Node or DOM API. It runs in the visitor's worker, in the
 * tests, in `helploop search`, and makes the index too, so that nothing can drift apart. Needs stemmer-en.js, words.js,
 * spelling.js, vectors.js, indexing.js, sections.js and verdict.js before it; gives the global HelploopSearch.
 *
 *   buildIndex(documents, table) -> the index, a plain object ready for JSON
 *   create(index).search(query, {limit, isTyping}) -> verdict, hits with their parts, unmatched words, corrections
 *   markUp(text, stems) -> HTML, the words of these stems marked
 *
 * Ranking is BM25F (Robertson, Zaragoza, Taylor 2004) over title, aliases, headings and body. Its constants were found
 * by random search on Banking77's train split (10 wordings an article as aliases) and on Thunderbird's questions of
 * 2023 against that product's articles. On other rows, by words alone, first / among three: Banking77's test split
 * 74.4 / 88.8 (with a word table 83.0 / 94.2), Thunderbird's questions of 2024 38.7 / 58.7 (41.8 / 63.1):
 * benchmarks/search.
 */
var HelploopSearch = (function (words, spelling, vectors, indexing, sections, verdict) {
  "use strict";

  // ------------------------------------------------------------------------------------------ constants

  var FIELDS = indexing.fields;
  var STEP = indexing.step;
  var K1 = 4; // saturation of a word's weighted count; high because the counts of short, heavy fields are
  var STOP_SHARE = 0.7; // a stop word counts as standing in at least this share of the articles
  var MIN_DOCUMENTS = 30; // with few articles idf says little: it is taken as if there were this many
  var PREFIX_WORTH = 0.8; // what a word that begins with the unfinished one is worth beside the word itself
  var TYPO_WORTH = [1, 0.9, 0.8]; // by edits
  var JOINED_WORTH = 0.9; // "log in" for "login", "creditcard" for "credit card"
  var MAX_PREFIXES = 12;
  var MAX_QUERY_CHARACTERS = 4000;
  var MAX_QUERY_WORDS = 200; // distinct; a pasted mail is a query too
  // Letters and digits, or many digits: "115" and "365" are versions and names.
  var LONG_CODE = /^(?=.*\p{L})(?=.*\p{N}).{4,}$|^\p{N}{5,}$/u;
  var MOST_WORDS_AROUND_CODES = 6;
  var NEAR_SHARE = 0.4; // of the best score
  var CODE_SHARE = 0.1; // a code that stands in more of the articles says nothing
  // What the meaning is worth in a score, where there is a word table; the rest is BM25F's. Of short queries .6 to .8
  // are alike; a pasted mail of 20 topical words means a bit of everything: of Thunderbird's questions of 2023 with
  // their texts 40 of 100 come first at .3, 36 at .7.
  var MEANING_WORTH = { short: 0.7, long: 0.3, shortWords: 8, longWords: 20 };

  // ------------------------------------------------------------------------------------------ index

  /** The index made ready for questions. */
  function create(index) {
    if (index.v !== indexing.version) {
      throw new Error("a search index of version " + index.v + ", not " + indexing.version);
    }
    var onSite = index.words ? index.words.split(" ") : [];
    var table = openTable(index);
    var known = table ? Array.from(new Set(onSite.concat(table.words))).sort() : onSite;
    var averages = FIELDS.map(function (_, f) {
      return index.docs.reduce(function (sum, doc) { return sum + doc.lengths[f]; }, 0) / (index.docs.length || 1);
    });
    var state = {
      docs: index.docs,
      words: known,
      terms: unpack(index, onSite),
      table: table,
      vectors: table && vectors.unpack(vectors.toBytes(index.vectors), table.dimensions),
      vectorCounts: table && index.docs.map(function (doc) { return doc.vectors; }),
      norms: index.docs.map(function (doc) {
        return FIELDS.map(function (field, f) { return 1 - field.b + field.b * doc.lengths[f] / (averages[f] || 1); });
      }),
      unknownIdf: idf(0, index.docs.length),
      stopIdf: idf(stopCount(index), index.docs.length)
    };
    state.spelling = spelling.create(known, function (word) { return countOf(state, words.stemOf(word)); });
    return {
      docs: index.docs,
      search: function (query, options) { return search(state, String(query), options || {}); }
    };
  }

  /** The index's word table; null when it has none, or one that this engine cannot read: then words must do. */
  function openTable(index) {
    if (!index.table) return null;
    try {
      return vectors.createTable(index.table, words.stemOf);
    } catch (error) {
      if (typeof console !== "undefined") console.warn("helploop: searching without word table: " + error.message);
      return null;
    }
  }

  /** In how many documents a stem stands. */
  function countOf(state, stem) {
    var term = state.terms.get(stem);
    return term ? term.df : 0;
  }

  /** Whether a stem is a word of the site or of the table. */
  function isKnown(state, stem) {
    return state.terms.has(stem) || (state.table !== null && state.table.has(stem));
  }

  /** stem -> {postings, df, idf}. Stems are not stored: they come from the words, in the same sorted order. */
  function unpack(index, known) {
    var isStop = new Map();
    known.forEach(function (word) {
      var stem = words.stemOf(word);
      isStop.set(stem, isStop.get(stem) || words.isStop(word));
    });
    var terms = new Map();
    Array.from(isStop.keys()).sort().forEach(function (stem, i) {
      var df = index.postings[i].length / STEP;
      var counted = isStop.get(stem) ? Math.max(df, stopCount(index)) : df;
      terms.set(stem, { postings: index.postings[i], df: df, idf: idf(counted, index.docs.length) });
    });
    return terms;
  }

  function stopCount(index) {
    return STOP_SHARE * Math.max(index.docs.length, MIN_DOCUMENTS);
  }

  function idf(df, articles) {
    var documents = Math.max(articles, MIN_DOCUMENTS);
    return Math.log(1 + (documents - df + 0.5) / (df + 0.5));
  }

  // ------------------------------------------------------------------------------------------ search

  /**
   * {query, verdict: hit | weak | none, confidence: 0..1, evidence, topScore, unmatched: [word], corrections: [{typed,
   * used}], hits: [{article, url, title, text, score: 0..1, parts: {field: share of the score}, terms: {word: found?},
   * stems}]}. isTyping: the last word may be unfinished. Not empty when any word of the query stands somewhere.
   */
  function search(state, query, options) {
    var asked = understand(state, query.slice(0, MAX_QUERY_CHARACTERS), Boolean(options.isTyping));
    var byWords = scoreDocuments(state, asked);
    var scored = addMeaning(state, asked, byWords) || keepTopical(asked, byWords);
    countCodes(state, asked, scored);
    scored.sort(function (a, b) { return b.codes - a.codes || b.score - a.score || a.number - b.number; });
    var evidence = verdict.gatherEvidence(state, asked, scored);
    var confidence = verdict.judge(evidence);
    return {
      query: query,
      verdict: verdict.nameOf(confidence),
      confidence: confidence,
      evidence: evidence,
      topScore: scored.length ? scored[0].score : 0,
      unmatched: asked.unmatched,
      corrections: asked.corrections,
      hits: keepNear(scored).slice(0, options.limit || 10).map(function (entry) { return toHit(state, asked, entry); })
    };
  }

  // ------------------------------------------------------------------------------------------ the query's words

  /**
   * The query as terms: [{typed, idf, times, isStop, isCode, isJoined, isOnSite, choices: [{stem, worth}]}]; in a
   * document a term counts with its best choice. A word that is not on the site (it may be in the table, and have
   * choices) stays in as missing evidence.
   */
  function understand(state, query, isTyping) {
    var asked = { terms: [], byStem: new Map(), unmatched: [], corrections: [], total: 0 };
    var tokens = words.tokenise(query);
    tokens.forEach(function (token, i) {
      var isUnfinished = isTyping && i === tokens.length - 1 && token.end === query.length;
      addWord(state, asked, token, isUnfinished);
    });
    for (var i = 1; i < tokens.length; i++) {
      var joined = tokens[i - 1].word + tokens[i].word;
      if (joined.length > 4 && state.terms.has(words.stemOf(joined))) addJoined(state, asked, joined);
    }
    return asked;
  }

  function addWord(state, asked, token, isUnfinished) {
    var earlier = asked.byStem.get(token.stem);
    if (earlier) earlier.times += 1;
    var isNew = !isKnown(state, token.stem);
    if (earlier || asked.terms.length >= MAX_QUERY_WORDS || (token.isExtra && isNew)) return;
    var term = {
      typed: token.word, idf: 0, times: 1, isStop: words.isStop(token.word), isCode: token.isCode, isJoined: false,
      choices: []
    };
    asked.byStem.set(token.stem, term);
    asked.terms.push(term);
    if (!isNew) {
      term.choices = [{ stem: token.stem, worth: 1 }];
    } else if (isUnfinished && token.word.length > 1) {
      term.choices = findPrefixed(state, token.word);
    }
    if (!term.choices.length && !term.isStop && !token.isCode) term.choices = findCorrected(state, asked, token.word);
    var onSite = term.choices.filter(function (choice) { return state.terms.has(choice.stem); });
    term.isOnSite = onSite.length > 0;
    if (!term.isOnSite && !term.isStop) asked.unmatched.push(term.typed);
    term.idf = term.isOnSite
      ? Math.max.apply(null, onSite.map(function (choice) { return state.terms.get(choice.stem).idf; }))
      : (term.isStop ? state.stopIdf : state.unknownIdf);
  }

  /** Neighbours that the site writes as one word: adds to a document's score, is never missed. */
  function addJoined(state, asked, word) {
    var stem = words.stemOf(word);
    if (asked.byStem.has(stem)) return;
    var choices = [{ stem: stem, worth: JOINED_WORTH }];
    var idfOfIt = state.terms.get(stem).idf;
    var term = {
      typed: word, idf: idfOfIt, times: 1, isStop: false, isJoined: true, isOnSite: true, choices: choices
    };
    asked.byStem.set(stem, term);
    asked.terms.push(term);
  }

  /** The commonest stems of words that begin so. */
  function findPrefixed(state, prefix) {
    var low = 0;
    var high = state.words.length;
    while (low < high) {
      var middle = (low + high) >> 1;
      if (state.words[middle] < prefix) low = middle + 1; else high = middle;
    }
    var found = new Set();
    for (; low < state.words.length && state.words[low].startsWith(prefix); low++) {
      if (!words.isStop(state.words[low])) found.add(words.stemOf(state.words[low]));
    }
    return Array.from(found)
      .sort(function (a, b) { return countOf(state, b) - countOf(state, a) || (a < b ? -1 : 1); })
      .slice(0, MAX_PREFIXES)
      .map(function (stem) { return { stem: stem, worth: PREFIX_WORTH }; });
  }

  /** For a word the site does not know: the nearest it knows, else two known words written as one. */
  function findCorrected(state, asked, typed) {
    var near = state.spelling.correct(typed);
    if (near) {
      asked.corrections.push({ typed: typed, used: near.word });
      return [{ stem: words.stemOf(near.word), worth: TYPO_WORTH[near.edits] }];
    }
    var parts = splitWord(state, typed);
    if (!parts) return [];
    asked.corrections.push({ typed: typed, used: parts.join(" ") });
    return parts.map(function (part) { return { stem: words.stemOf(part), worth: JOINED_WORTH }; });
  }

  function splitWord(state, typed) {
    var best = null;
    for (var i = 3; i <= typed.length - 3; i++) {
      var parts = [typed.slice(0, i), typed.slice(i)];
      var dfs = parts.map(function (part) { return countOf(state, words.stemOf(part)); });
      var weight = Math.min(dfs[0], dfs[1]);
      if (weight && (!best || weight > best.weight)) best = { weight: weight, parts: parts };
    }
    return best && best.parts;
  }

  // ------------------------------------------------------------------------------------------ scores

  /** Every document that has a word of the query: [{number, score: 0..1, found: [{t, points, row}]}]. */
  function scoreDocuments(state, asked) {
    var entries = [];
    var scored = [];
    asked.terms.forEach(function (term, t) {
      var times = 1 + Math.log(term.times);
      if (!term.isJoined) asked.total += term.idf * times;
      findBest(state, term).forEach(function (best) {
        var number = best.row.number;
        if (!entries[number]) {
          entries[number] = { number: number, score: 0, found: [] };
          scored.push(entries[number]);
        }
        var points = times * term.idf * best.worth * best.row.sum / (K1 + best.row.sum);
        entries[number].score += points;
        entries[number].found.push({ t: t, points: points, row: best.row });
      });
    });
    scored.forEach(function (entry) { entry.score /= asked.total || 1; }); // 1: every word of it, endlessly often
    return scored;
  }

  /** With a word table every document is more or less near: those far below the best are left out. */
  function keepNear(scored) {
    if (!scored.length || scored[0].meaning === undefined) return scored;
    return scored.filter(function (entry) {
      return entry.codes > 0 || entry.score >= NEAR_SHARE * scored[0].score;
    });
  }

  /**
   * Codes are asked for literally: whoever types "error 0x80070005" wants the article that has it, whatever is near.
   * Not so in a long text, which is about more than its codes (9 of 100 of Thunderbird's).
   */
  function countCodes(state, asked, scored) {
    var counts = topicalWords(asked) <= MOST_WORDS_AROUND_CODES;
    var most = Math.max(2, CODE_SHARE * state.docs.length);
    scored.forEach(function (entry) {
      entry.codes = !counts ? 0 : entry.found.filter(function (one) {
        var term = asked.terms[one.t];
        return term.isCode && LONG_CODE.test(term.typed) && state.terms.get(term.choices[0].stem).df <= most;
      }).length;
    });
  }

  /** All documents, with what they mean in their scores; null without a table, or when it knows no word asked. */
  function addMeaning(state, asked, byWords) {
    var vector = state.table && vectors.vectorOf(state.table, countedStems(asked));
    if (!vector) return null;
    asked.meaningWorth = worthOfMeaning(asked);
    var entries = state.docs.map(function (_, number) { return { number: number, score: 0, found: [] }; });
    byWords.forEach(function (entry) { entries[entry.number] = entry; });
    vectors.nearness(vector, state.vectors, state.vectorCounts).forEach(function (near, number) {
      var entry = entries[number];
      entry.words = entry.score;
      entry.meaning = Math.max(0, near);
      entry.score = (1 - asked.meaningWorth) * entry.words + asked.meaningWorth * entry.meaning;
    });
    return entries;
  }

  function topicalWords(asked) {
    return asked.terms.filter(function (term) { return !term.isStop && !term.isJoined; }).length;
  }

  function worthOfMeaning(asked) {
    var worth = MEANING_WORTH;
    var part = (topicalWords(asked) - worth.shortWords) / (worth.longWords - worth.shortWords);
    return worth.short + (worth.long - worth.short) * Math.min(1, Math.max(0, part));
  }

  function countedStems(asked) {
    var counted = [];
    asked.terms.forEach(function (term) {
      term.choices.forEach(function (choice) {
        counted.push({ stem: choice.stem, times: term.times * choice.worth / term.choices.length });
      });
    });
    return counted;
  }

  /** Without the documents that have only grammar in common, where others have more than that. */
  function keepTopical(asked, scored) {
    var topical = scored.filter(function (entry) {
      return entry.found.some(function (one) { return !asked.terms[one.t].isStop; });
    });
    return topical.length ? topical : scored;
  }

  /** [{row, worth}]: in each document that has it, the best of the term's choices. */
  function findBest(state, term) {
    var best = new Map();
    term.choices.forEach(function (choice) {
      if (!state.terms.has(choice.stem)) return;
      weigh(state, state.terms.get(choice.stem)).forEach(function (row) {
        var earlier = best.get(row.number);
        if (!earlier || choice.worth * row.sum > earlier.worth * earlier.row.sum) {
          best.set(row.number, { row: row, worth: choice.worth });
        }
      });
    });
    return best;
  }

  /** A stem's postings as rows {number, sum, counts}, weighted by field and length. Kept: the same words return. */
  function weigh(state, entry) {
    if (entry.rows) return entry.rows;
    var number = 0;
    entry.rows = [];
    for (var p = 0; p < entry.postings.length; p += STEP) {
      number += entry.postings[p];
      var row = { number: number, sum: 0, counts: [] };
      for (var f = 0; f < FIELDS.length; f++) {
        row.counts.push(FIELDS[f].weight * entry.postings[p + 1 + f] / state.norms[number][f]);
        row.sum += row.counts[f];
      }
      entry.rows.push(row);
    }
    return entry.rows;
  }

  function toHit(state, asked, entry) {
    var doc = state.docs[entry.number];
    var matched = new Set();
    var parts = {};
    var share = entry.meaning === undefined ? 1 : 1 - asked.meaningWorth;
    FIELDS.forEach(function (field, f) {
      parts[field.name] = share * entry.found.reduce(function (sum, one) {
        return sum + one.points * one.row.counts[f] / one.row.sum / asked.total;
      }, 0);
    });
    if (entry.meaning !== undefined) parts.meaning = asked.meaningWorth * entry.meaning;
    entry.found.forEach(function (one) { matched.add(one.t); });
    var terms = {};
    var stems = [];
    asked.terms.forEach(function (term, t) {
      if (term.isStop) return;
      if (!term.isJoined) terms[term.typed] = matched.has(t);
      if (matched.has(t)) term.choices.forEach(function (choice) { stems.push(choice.stem); });
    });
    return {
      sections: sections.find(doc, asked),
      article: doc.id, url: doc.url, title: doc.title, text: doc.text, score: entry.score, parts: parts, terms: terms,
      stems: stems
    };
  }

  // ------------------------------------------------------------------------------------------ showing

  function escapeHtml(text) {
    return text.replace(/[&<>"']/g, function (sign) {
      return { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }[sign];
    });
  }

  /** The text as HTML, everything in it escaped, the words of these stems in <mark>. */
  function markUp(text, stems) {
    var wanted = new Set(stems);
    var html = "";
    var done = 0;
    words.tokenise(text).forEach(function (token) {
      if (token.start < done || !wanted.has(token.stem)) return;
      html += escapeHtml(text.slice(done, token.start)) +
        "<mark>" + escapeHtml(text.slice(token.start, token.end)) + "</mark>";
      done = token.end;
    });
    return html + escapeHtml(text.slice(done));
  }

  return {
    version: indexing.version, buildIndex: indexing.buildIndex, textsOf: indexing.textsOf, create: create,
    markUp: markUp, escapeHtml: escapeHtml
  };
})(HelploopWords, HelploopSpelling, HelploopVectors, HelploopIndexing, HelploopSections, HelploopVerdict);
