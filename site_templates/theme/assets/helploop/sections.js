/*
 * Sections: which part of an article holds what was asked, so that a hit can open there. Plain script; needs
 * stemmer-en.js and words.js before it; gives the global HelploopSections.
 */
var HelploopSections = (function (words) {
  "use strict";

  var SECTION_SHARE = 0.6; // of the query's topical words, by idf: so much must stand in a section that is shown
  var SECTION_TITLE_WORTH = 1.5;
  var MOST_SECTIONS = 2; // in a hit

  /**
   * The sections of an article that hold most of what is asked, best first: [{url, title, text}].
   * A section's words are taken from its title and what is kept of its text, when a hit of its article is first shown.
   */
  function findSections(doc, asked) {
    if (!doc.sections) return [];
    if (!doc.sectionStems) doc.sectionStems = doc.sections.map(stemsOfSection);
    var topical = asked.terms.filter(function (term) { return !term.isStop && !term.isJoined; });
    var most = topical.reduce(function (sum, term) { return sum + term.idf; }, 0);
    var terms = topical.filter(function (term) { return term.isOnSite; });
    return doc.sectionStems
      .map(function (stems, number) { return scoreSection(stems, terms, number); })
      .filter(function (one) { return one.has > 0 && one.has >= SECTION_SHARE * most; })
      .sort(function (a, b) { return b.score - a.score || a.number - b.number; })
      .slice(0, MOST_SECTIONS)
      .map(function (one) {
        var section = doc.sections[one.number];
        return { url: doc.url + "#" + section[0], title: section[1], text: section[2] };
      });
  }

  /** stem -> what it counts: a word of the title more than one of the text. */
  function stemsOfSection(section) {
    var stems = new Map();
    words.tokenise(section[2]).forEach(function (token) { stems.set(token.stem, 1); });
    words.tokenise(section[1]).forEach(function (token) { stems.set(token.stem, SECTION_TITLE_WORTH); });
    return stems;
  }

  /** {number, has: what it has of the terms, by idf; score: the same, with what stands in its title counting more}. */
  function scoreSection(stems, terms, number) {
    return terms.reduce(function (sum, term) {
      var worths = term.choices.map(function (choice) { return stems.get(choice.stem) || 0; });
      var best = Math.max.apply(null, worths);
      sum.has += best ? term.idf : 0;
      sum.score += term.idf * best;
      return sum;
    }, { number: number, has: 0, score: 0 });
  }

  return { find: findSections };
})(HelploopWords);
