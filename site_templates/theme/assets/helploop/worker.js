/*
 * The worker behind Material for MkDocs' own search box: answers its messages (9.8: integrations/search/worker) with
 * helploop's engine. helploop puts stemmer-en.js, words.js, spelling.js, engine.js and this file into one script and
 * writes the index's file name into it.
 *   {type: 0, data: {config, docs, options}} -> {type: 1} at once; the index is fetched with the first query
 *   {type: 2, data: query} -> {type: 3, data: {items: [[doc]], helploop: what events.js tells the collector}}
 * Elsewhere (V8 under Python) there is no `self`, and this file does nothing.
 */
(function (scope) {
  "use strict";
  if (!scope || typeof scope.postMessage !== "function") return;

  var INDEX_FILE = "@index@";
  var READY = 1;
  var QUERY = 2;
  var RESULT = 3;
  var MAX_HITS = 10;
  var MAX_NEAREST = 3; // where no article seems to answer
  var MAX_MISSING = 4; // words named as missing in one hit
  var HINTS = {
    weak: "This may not be what you are looking for.",
    none: "No article seems to answer this. This one is the nearest."
  };

  var engine = null; // a promise, from the first query on
  var latest = 0;

  function loadEngine() {
    if (!engine) {
      engine = fetch(new URL(INDEX_FILE, scope.location.href), { credentials: "same-origin" })
        .then(function (response) {
          if (!response.ok) throw new Error("search index: HTTP " + response.status);
          return response.json();
        })
        .then(HelploopSearch.create);
      engine.catch(function () { engine = null; }); // the next query tries again
    }
    return engine;
  }

  function answer(query) {
    latest += 1;
    var mine = latest;
    if (!query.trim()) {
      scope.postMessage({ type: RESULT, data: { items: [] } });
      return;
    }
    loadEngine().then(function (loaded) {
      if (mine !== latest) return; // a later query is on its way
      var found = loaded.search(query, { limit: MAX_HITS, isTyping: true });
      if (found.verdict === "none") found.hits = found.hits.slice(0, MAX_NEAREST);
      scope.postMessage({ type: RESULT, data: toMaterial(found) });
    }, function (error) {
      // no answer would leave the last query's results standing; the console says why
      if (mine === latest) scope.postMessage({ type: RESULT, data: { items: [] } });
      scope.console.error(String(error));
    });
  }

  function toMaterial(result) {
    return {
      items: result.hits.map(function (hit, i) {
        return [toDocument(hit, i === 0 ? HINTS[result.verdict] : "")].concat(toSections(hit));
      }),
      helploop: {
        query: result.query,
        verdict: result.verdict,
        topScore: result.topScore,
        unmatched: result.unmatched,
        count: result.hits.length,
        articles: result.hits.map(function (hit) { return hit.article; })
      }
    };
  }

  /** Title and text go into the page as HTML: markUp escapes them. */
  function toDocument(hit, hint) {
    var terms = {};
    var missing = 0;
    Object.keys(hit.terms).forEach(function (word) {
      if (hit.terms[word] || missing++ < MAX_MISSING) terms[word] = hit.terms[word];
    });
    var text = "<p>" + HelploopSearch.markUp(hit.text, hit.stems) + "</p>";
    return {
      location: hit.url,
      title: HelploopSearch.markUp(hit.title, hit.stems),
      text: hint ? "<p><em>" + HelploopSearch.escapeHtml(hint) + "</em></p>" + text : text,
      score: hit.score,
      terms: terms
    };
  }

  /** Sections as Material draws them, below their article: with its score, else it would fold them away. */
  function toSections(hit) {
    return hit.sections.map(function (section) {
      return {
        location: section.url,
        title: HelploopSearch.markUp(section.title, hit.stems),
        text: "<p>" + HelploopSearch.markUp(section.text, hit.stems) + "</p>",
        score: hit.score,
        terms: {}
      };
    });
  }

  scope.addEventListener("message", function (event) {
    var message = event.data || {};
    if (message.type === 0) scope.postMessage({ type: READY });
    else if (message.type === QUERY) answer(String(message.data));
  });
})(typeof self === "undefined" ? null : self);
