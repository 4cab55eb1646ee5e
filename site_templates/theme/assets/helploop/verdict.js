/*
 * The verdict on a search: how sure it is that the right article is among the first three. Plain script without
 * dependencies; gives the global HelploopVerdict.
 */
var HelploopVerdict = (function () {
  "use strict";

  // Verdict: a logistic model of "the right article is among the first three", fitted on half the rows of 14 pairs of
  // articles and queries that they answer or do not: HINT3 (label oos), Banking77 with foreign queries and with 5 to 38
  // of its 77 articles kept (10, 3 and no aliases), Thunderbird, GOV.UK searches. On the other half: mean AUROC .83 for
  // that claim (HINT3 .88 and .90, foreign on Banking77 .95), .78 for "something here answers it at all" (HINT3 .79 and
  // .88, foreign .96, GOV.UK .66 and .62). Shares of known and of unmatched words and the title's part added nothing.
  // A little kind to itself: texts recur over the pairs, and features and thresholds were chosen with both halves seen.
  var VERDICT = { constant: -2.67, top: 2.3, gap: 0.72, words: -0.94, agreed: 1.95, points: 3.06 };
  // The same with a word table, fitted by benchmarks/search/verdict.py on train rows. On test rows of the 15 pairs mean
  // AUROC .86 for that claim and .85 for "something here answers it" (foreign on Banking77 .97, HINT3 .80 and .85,
  // GOV.UK .62). More features (the nearest text alone, unknown words, corrections, points) and boosted trees add .01 at
  // most. At .5, 2 to 8 % of foreign queries pass as a hit, and 43 to 90 % of answered ones; below .25 are 81 to 90 and
  // 1 to 16 %.
  var VERDICT_BY_MEANING = { constant: -6.82, meaning: 6.86, lexical: 1.5, gap: 3.48, agreed: 0.75 };
  // At .5, 1 to 14 % of foreign queries pass as a hit, and 60 to 97 % of those that the first three answer do (31 % on
  // titles without aliases). Below .25 it is none: 61 to 88 % of foreign ones, 0 to 11 % of answered ones with aliases.
  // Its weak side: what the same company's missing articles would answer; words alone call 15 to 62 % of it a hit.
  var HIT_CONFIDENCE = 0.5;
  var WEAK_CONFIDENCE = 0.25;

  /**
   * What speaks for the top article. top: its score; gap: how far it is ahead of the second, 0..1; words: topical words
   * of the query; agreed: how many of them it has; points: its score in units of one unknown word's idf (how much
   * evidence there is at all). With a word table also meaning, the top article's nearness, and lexical, its score by
   * words.
   */
  function gatherEvidence(state, asked, scored) {
    var first = scored[0];
    var matched = new Set(first ? first.found.map(function (one) { return one.t; }) : []);
    var evidence = { top: first ? first.score : 0, gap: 0, words: 0, agreed: 0, points: 0 };
    if (first && first.meaning !== undefined) {
      evidence.meaning = first.meaning;
      evidence.lexical = first.words;
    }
    // a code may stand first with less than the second has
    if (first) evidence.gap = first.score > 0 && scored[1] ? Math.max(0, 1 - scored[1].score / first.score) : 1;
    evidence.points = state.unknownIdf ? evidence.top * asked.total / state.unknownIdf : 0;
    asked.terms.forEach(function (term, t) {
      if (term.isJoined || term.isStop) return;
      evidence.words += 1;
      if (matched.has(t)) evidence.agreed += term.choices[0].worth;
    });
    return evidence;
  }

  /** 0..1: how sure it is that the right article is among the first three. Nothing topical asked or in common: 0. */
  function judge(evidence) {
    var byMeaning = evidence.meaning !== undefined;
    if (byMeaning ? !evidence.words : !evidence.agreed) return 0;
    return 1 / (1 + Math.exp(-(byMeaning ? weighMeaning(evidence) : weighWords(evidence))));
  }

  function weighWords(evidence) {
    return VERDICT.constant + VERDICT.top * evidence.top + VERDICT.gap * evidence.gap +
      VERDICT.words * Math.log1p(evidence.words) + VERDICT.agreed * Math.log1p(evidence.agreed) +
      VERDICT.points * Math.log1p(evidence.points);
  }

  function weighMeaning(evidence) {
    var model = VERDICT_BY_MEANING;
    return model.constant + model.meaning * evidence.meaning + model.lexical * evidence.lexical +
      model.gap * evidence.gap + model.agreed * Math.log1p(evidence.agreed);
  }

  /** hit | weak | none. */
  function nameOf(confidence) {
    return confidence >= HIT_CONFIDENCE ? "hit" : confidence >= WEAK_CONFIDENCE ? "weak" : "none";
  }

  return { gatherEvidence: gatherEvidence, judge: judge, nameOf: nameOf };
})();
