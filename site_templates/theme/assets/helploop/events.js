/*
 * Tells the site's own collector what was searched and what came of it: search, click, abandon. Loaded only where an
 * endpoint is set, before Material's bundle (it listens in on the search worker, which that bundle starts).
 * No cookie, no storage, no id of the visitor; nothing at all under Do-Not-Track or Global Privacy Control.
 *
 * A search is settled after 600 ms without a new result, or when the box loses focus. Settled searches that are
 * prefixes of one another within 30 s are one: only the last is sent. So a search waits until another one begins, a
 * hit is clicked, 30 s have passed, or the page is left. Sent with sendBeacon as text/plain, one JSON object a line,
 * in the shape of helploop's SearchEvent (the collector adds `visitor`).
 */
(function () {
  "use strict";

  var SETTLED_MS = 600;
  var JOIN_MS = 30000;
  var MAX_TERM_CHARACTERS = 300;
  var MAX_UNMATCHED = 20;
  var RESULT = 3; // Material's message type

  var endpoint = document.currentScript && document.currentScript.getAttribute("data-endpoint");
  if (!endpoint || wantsPrivacy()) return;

  var fresh = null; // the last result, not settled yet
  var shown = null; // the settled search that a click would belong to
  var settleTimer = 0;
  var sendTimer = 0;
  var isFollowed = false; // a hit was clicked and nothing typed since: a result that comes now is late
  var lines = [];

  /** Do-Not-Track and Global Privacy Control are obeyed. */
  function wantsPrivacy() {
    var asked = navigator.doNotTrack || window.doNotTrack || navigator.msDoNotTrack;
    return asked === "1" || asked === "yes" || navigator.globalPrivacyControl === true;
  }

  // ---------------------------------------------------------------- a search's life: fresh, settled, sent

  function take(result) {
    if (isFollowed || isLate(result)) return;
    clearTimeout(settleTimer);
    fresh = result && result.query.trim() ? result : null;
    if (fresh) settleTimer = setTimeout(settle, SETTLED_MS);
  }

  /** Whether a result is of words that have left the box since: cleared, or overwritten, before it came. */
  function isLate(result) {
    var box = document.querySelector("[data-md-component=search-query]");
    return Boolean(box && result) && words(box.value).indexOf(words(result.query)) !== 0;
  }

  /** The words alone: Material rewrites quotes and signs before it asks. */
  function words(text) {
    return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }

  function settle() {
    clearTimeout(settleTimer);
    if (!fresh) return;
    var search = { result: fresh, term: tidy(fresh.query), id: "", at: new Date(), isAbandoned: false, isSent: false };
    fresh = null;
    if (shown && shown.term === search.term) {
      shown.isAbandoned = false;
      return;
    }
    if (shown && !shown.isSent && isPrefix(shown.term, search.term) && search.at - shown.at <= JOIN_MS) {
      search.id = shown.id;
    } else {
      finish();
      search.id = newId();
    }
    shown = search;
    clearTimeout(sendTimer);
    sendTimer = setTimeout(finish, JOIN_MS);
  }

  /** The settled search is over: it is sent, with its abandon where nothing was clicked and the box was closed. */
  function finish() {
    clearTimeout(sendTimer);
    if (shown && !shown.isSent) {
      add("search", shown, {});
      if (shown.isAbandoned) add("abandon", shown, {});
      send();
    }
    shown = null;
  }

  function tidy(query) {
    return query.trim().replace(/\s+/g, " ").toLowerCase();
  }

  function isPrefix(a, b) {
    return a.indexOf(b) === 0 || b.indexOf(a) === 0;
  }

  function newId() {
    var bytes = crypto.getRandomValues(new Uint8Array(8));
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  function add(name, search, facts) {
    var result = search.result;
    lines.push(JSON.stringify({
      v: 1,
      event: name,
      query_id: search.id,
      at: (name === "search" ? search.at : new Date()).toISOString(),
      search_term: result.query.trim().slice(0, MAX_TERM_CHARACTERS),
      search_count: result.count,
      top_score: Math.round(result.topScore * 1000) / 1000,
      unmatched_words: result.unmatched.slice(0, MAX_UNMATCHED),
      verdict: result.verdict,
      position: facts.position || null,
      article: facts.article || "",
      page: location.pathname,
      locale: document.documentElement.lang || ""
    }));
  }

  function send() {
    if (!lines.length) return;
    var body = lines.join("\n") + "\n"; // a string goes out as text/plain: no preflight
    lines = [];
    if (navigator.sendBeacon && navigator.sendBeacon(endpoint, body)) return;
    fetch(endpoint, { method: "POST", body: body, keepalive: true, credentials: "omit" }).catch(function () {});
  }

  // ---------------------------------------------------------------- what the page tells

  // Material keeps its worker to itself: the constructor is the one place to listen in, and each page hears its own.
  var NativeWorker = window.Worker;
  if (!NativeWorker) return;
  window.Worker = class extends NativeWorker {
    constructor(url, options) {
      super(url, options);
      if (String(url).indexOf("search-worker.") < 0) return;
      this.addEventListener("message", function (event) {
        if (event.data && event.data.type === RESULT) take(event.data.data.helploop);
      });
    }
  };

  function isBox(target) {
    return target instanceof Element && target.matches("[data-md-component=search-query]");
  }

  function onClick(event) {
    var link = event.target instanceof Element && event.target.closest(".md-search-result__link");
    if (!link) return;
    settle();
    isFollowed = true;
    if (!shown) return;
    var item = link.closest(".md-search-result__item");
    var position = item ? Array.prototype.indexOf.call(item.parentElement.children, item) + 1 : 0;
    if (!shown.isSent) add("search", shown, {});
    shown.isSent = true; // and stays: with instant navigation another of its hits may be clicked
    add("click", shown, { position: position, article: shown.result.articles[position - 1] });
    clearTimeout(sendTimer);
    send();
  }

  function onClosed() {
    settle();
    if (shown) shown.isAbandoned = true;
  }

  function onLeft() {
    onClosed();
    finish();
  }

  document.addEventListener("click", onClick, true); // before Material closes the box
  document.addEventListener("auxclick", onClick, true);
  document.addEventListener("focusout", function (event) {
    if (isBox(event.target)) settle();
  });
  document.addEventListener("input", function (event) {
    if (isBox(event.target)) isFollowed = false;
  }, true);
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") onLeft();
  });
  window.addEventListener("pagehide", onLeft);

  // Material opens and closes the box by its checkbox, from script with click(): a change is always heard.
  document.addEventListener("DOMContentLoaded", function () {
    var toggle = document.getElementById("__search");
    if (!toggle) return;
    toggle.addEventListener("change", function () {
      if (!toggle.checked) onClosed();
    });
  });
})();
