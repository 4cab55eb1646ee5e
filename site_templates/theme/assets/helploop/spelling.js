/*
 * Spelling: the nearest known word to an unknown one, after SymSpell (Wolf Garbe, 2012: symmetric deletions). Plain
 * script without dependencies; gives the global HelploopSpelling.
 */
var HelploopSpelling = (function () {
  "use strict";

  var PREFIX_LETTERS = 7; // deletions are taken from a word's first letters only: keeps the neighbourhoods small
  var FIRST_LETTER_COST = 0.5; // another first letter is a rare slip: half an edit more

  /** Edits that a typed word may be away: 0 below 4 letters (too many neighbours), 1 up to 5, then 2. */
  function editsAllowed(word) {
    return word.length < 4 ? 0 : word.length < 6 ? 1 : 2;
  }

  /** The same for a pair: two edits only where one of the two has 8 letters, "refund" is no "remind". */
  function editsBetween(typed, word) {
    return Math.max(typed.length, word.length) < 8 ? Math.min(1, editsAllowed(typed)) : editsAllowed(typed);
  }

  /** Every string that is left after deleting up to `edits` of the word's first letters. */
  function deletions(word, edits) {
    var found = new Set([word.slice(0, PREFIX_LETTERS)]);
    var layer = Array.from(found);
    for (var e = 0; e < edits; e++) {
      var next = [];
      layer.forEach(function (text) {
        for (var i = 0; i < text.length; i++) {
          var shorter = text.slice(0, i) + text.slice(i + 1);
          if (found.has(shorter)) continue;
          found.add(shorter);
          next.push(shorter);
        }
      });
      layer = next;
    }
    return found;
  }

  /** Edits between two words, a swap of neighbours being one (optimal string alignment); limit + 1 when more. */
  function editDistance(a, b, limit) {
    if (Math.abs(a.length - b.length) > limit) return limit + 1;
    var before = [];
    var last = Array.from({ length: b.length + 1 }, function (_, j) { return j; });
    for (var i = 1; i <= a.length; i++) {
      var row = [i];
      for (var j = 1; j <= b.length; j++) {
        var isSame = a[i - 1] === b[j - 1];
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (isSame ? 0 : 1));
        var isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
        if (isSwap) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      if (Math.min.apply(null, row) > limit) return limit + 1;
      before = last;
      last = row;
    }
    return last[b.length];
  }

  /** deletion -> numbers of the words that have it. */
  function findMeetings(words) {
    var meetings = new Map();
    words.forEach(function (word, number) {
      if (word.length < 3 || /\p{N}/u.test(word)) return;
      // two edits are allowed from 8 letters on, and those reach known words of 6
      deletions(word, word.length < 6 ? 1 : 2).forEach(function (rest) {
        if (!meetings.has(rest)) meetings.set(rest, []);
        meetings.get(rest).push(number);
      });
    });
    return meetings;
  }

  /**
   * create(words, weightOf).correct(typed) -> {word, edits} or null. Of equally near words the one of more weight
   * wins, then the first in the alphabet. The first correction makes the neighbourhoods (5,191 words: 230 to 290 ms on
   * a busy machine, so not before somebody mistypes); each takes .1 to .4 ms.
   */
  function create(words, weightOf) {
    var meetings = null;

    function isBetter(a, b) {
      return !b || a.cost < b.cost || (a.cost === b.cost &&
        (a.weight > b.weight || (a.weight === b.weight && a.word < b.word)));
    }

    function correct(typed) {
      var edits = editsAllowed(typed);
      var best = null;
      var seen = new Set();
      if (!edits) return null;
      if (!meetings) meetings = findMeetings(words);
      deletions(typed, edits).forEach(function (rest) {
        (meetings.get(rest) || []).forEach(function (number) {
          if (seen.has(number)) return;
          seen.add(number);
          var most = editsBetween(typed, words[number]);
          var distance = editDistance(typed, words[number], most);
          if (distance > most) return;
          var cost = distance + (words[number][0] === typed[0] ? 0 : FIRST_LETTER_COST);
          var found = { word: words[number], edits: distance, cost: cost, weight: weightOf(words[number]) };
          if (isBetter(found, best)) best = found;
        });
      });
      return best && { word: best.word, edits: best.edits };
    }

    return { correct: correct };
  }

  return { create: create, editDistance: editDistance };
})();
