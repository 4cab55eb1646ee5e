/*
 * The index of a site's articles: made when the site is built, read by engine.js. Plain script; needs stemmer-en.js,
 * words.js and vectors.js before it; gives the global HelploopIndexing.
 */
var HelploopIndexing = (function (words, vectors) {
  "use strict";

  var INDEX_VERSION = 2;
  // Fields in the order in which postings hold their counts. weight: what one occurrence is worth; b: how much a field
  // longer than the average costs. Aliases are cut hard by length: 30 wordings must not shout down three.
  var FIELDS = [
    { name: "title", weight: 2.5, b: 0.4 },
    { name: "alias", weight: 2.0, b: 0.8 },
    { name: "headings", weight: 0.4, b: 0.5 },
    { name: "body", weight: 0.2, b: 0.7 }
  ];
  var STEP = FIELDS.length + 1; // numbers a document takes in a posting list
  var SNIPPET_CHARACTERS = 320;
  var SECTION_CHARACTERS = 400; // of a section that are kept, for its snippet and for finding it
  var LEAD_CHARACTERS = 1200; // of a body, for its vector: about what the encoder reads

  /**
   * documents: [{id, url, title, description, aliases: [text], headings: [text], body, sections: [{id, title, text}]}]
   * -> the index:
   *   v; docs: [{id, url, title, text, sections: [[anchor, title, text]], lengths: words per field, vectors: how
   *   many}];
   *   words: every word, sorted, joined by spaces (typos and prefixes work on words);
   *   postings: for each stem of these words, in sorted order, a flat list of the step to the next document's number
   *   and its counts per field;
   *   with a word table (vectors.js tells its shape) table, and vectors: base64, rows of all documents' texts.
   * Aliases are customers' own wordings: their words are counted, their text is not in the index.
   */
  function buildIndex(documents, table) {
    var known = new Set();
    var postings = new Map();
    var meaning = table && vectors.createTable(table, words.stemOf);
    var packed = [];
    var docs = documents.map(function (document, number) {
      var texts = [[document.title], document.aliases, document.headings, [document.body]];
      var lengths = texts.map(function (field, f) { return indexField(field, number, f, known, postings); });
      var text = document.description || shorten(document.body, SNIPPET_CHARACTERS);
      var doc = { id: document.id, url: document.url, title: document.title, text: text, lengths: lengths };
      var parts = (document.sections || []).filter(function (one) { return one.id && one.title; });
      if (parts.length) {
        doc.sections = parts.map(function (one) { return [one.id, one.title, shorten(one.text, SECTION_CHARACTERS)]; });
      }
      if (meaning) doc.vectors = packTexts(meaning, document, packed);
      return doc;
    });
    var index = {
      v: INDEX_VERSION,
      docs: docs,
      words: Array.from(known).sort().join(" "),
      postings: Array.from(postings.keys()).sort().map(function (stem) { return flatten(postings.get(stem)); })
    };
    if (meaning) {
      index.table = table;
      index.vectors = vectors.toBase64(packed);
    }
    return index;
  }

  /** The texts by which a document's meaning is told: title, lead, both, and each alias. */
  function textsOf(document) {
    var lead = document.body.slice(0, LEAD_CHARACTERS);
    var texts = [document.title, lead, document.title + ". " + lead].concat(document.aliases);
    return Array.from(new Set(texts.filter(function (text) { return text.trim(); })));
  }

  /** Adds the vectors of a document's texts; how many. A text without a word that the table knows has none. */
  function packTexts(table, document, packed) {
    return textsOf(document).filter(function (text) {
      var vector = vectors.vectorOf(table, words.tokenise(text).filter(isCounted).map(once));
      if (vector) vectors.pack(vector, packed);
      return vector;
    }).length;
  }

  function isCounted(token) { return !token.isExtra; }

  function once(token) { return { stem: token.stem, times: 1 }; }

  function indexField(texts, number, f, known, postings) {
    var length = 0;
    texts.forEach(function (text) {
      words.tokenise(text).forEach(function (token) {
        length += token.isExtra ? 0 : 1;
        known.add(token.word);
        if (!postings.has(token.stem)) postings.set(token.stem, new Map());
        var rows = postings.get(token.stem);
        if (!rows.has(number)) rows.set(number, FIELDS.map(function () { return 0; }));
        rows.get(number)[f] += 1;
      });
    });
    return length;
  }

  function flatten(rows) {
    var flat = [];
    var last = 0;
    rows.forEach(function (counts, number) { // documents in their order: that is how they were added
      flat.push(number - last);
      flat.push.apply(flat, counts);
      last = number;
    });
    return flat;
  }

  function shorten(body, most) {
    var text = body.replace(/\s+/g, " ").trim();
    if (text.length <= most) return text;
    var end = text.lastIndexOf(" ", most);
    return text.slice(0, end > 0 ? end : most) + "…";
  }

  return { version: INDEX_VERSION, fields: FIELDS, step: STEP, buildIndex: buildIndex, textsOf: textsOf };
})(HelploopWords, HelploopVectors);
