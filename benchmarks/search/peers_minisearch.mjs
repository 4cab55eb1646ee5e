/*
 * MiniSearch, set up as its documentation shows: a boost for fields, prefix and fuzzy search for words of more than
 * three letters, stop words left out (a list from Orama's package, as MiniSearch has none). Any word of the query
 * suffices (OR, its default).
 *
 * Chosen on Banking77's train rows (77 articles, ten rows each as aliases, 2,000 other rows asked; first / first three,
 * percent; and with their words misspelt):
 *   no settings                                                       66.0 / 82.8
 *   title 2                                    fuzzy .2               64.5 / 81.3   57.5 / 77.1
 *   title 2, aliases 2                                                67.8 / 83.2   56.0 / 76.0
 *   title 2, aliases 2   prefix                fuzzy .2               60.6 / 78.8   53.8 / 73.1
 *   title 2, aliases 2                         fuzzy .2               67.0 / 83.5   61.2 / 79.2
 *   title 2, aliases 2   prefix of long words  fuzzy .2 of long ones  68.3 / 83.8   61.9 / 79.7   -> all words
 *   title 2, aliases 2                         fuzzy .2               70.1 / 85.5   64.9 / 82.3   without stop words
 *   title 2, aliases 4   prefix of last word   fuzzy .2               68.7 / 85.4   63.4 / 82.0   without stop words
 *   title 2, aliases 2   prefix of long words  fuzzy .2 of long ones  70.3 / 85.7   65.3 / 82.4   without stop words <-
 * On HINT3's train rows leaving out stop words costs 2 points, so the same with all words is a peer too. Aliases as
 * documents of their own, an article by its best one: 49.4 / 70.3, and 55.8 / 76.7 without stop words.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { stopwords } from "@orama/stopwords/english";
import MiniSearch from "minisearch";

const isLong = (term) => term.length > 3;
const SEARCH = {
  boost: { title: 2, aliases: 2 },
  prefix: isLong,
  fuzzy: (term) => (isLong(term) ? 0.2 : false),
};

/** The peer: all words searched, or without stop words. */
export function minisearch(allWords) {
  const leftOut = new Set(allWords ? [] : stopwords);
  const processTerm = (term) => (leftOut.has(term.toLowerCase()) ? null : term.toLowerCase());
  return { version, open: (articles) => open(articles, processTerm) };
}

function version() {
  return JSON.parse(readFileSync(new URL("node_modules/minisearch/package.json", import.meta.url), "utf8")).version;
}

function open(articles, processTerm) {
  const fields = ["title", "aliases", "body"];
  const engine = new MiniSearch({ fields, storeFields: ["title"], processTerm, searchOptions: SEARCH });
  const documents = articles.map((article) => ({ ...article, aliases: article.aliases.join("\n") }));
  engine.addAll(documents);

  function search(query, limit) {
    const hits = engine.search(query);
    return { ids: hits.slice(0, limit).map((hit) => hit.id), count: hits.length };
  }

  // Either the texts are sent and indexed in the browser, or the made index, which has the titles to show.
  const sent = [documents, engine].map((content) => gzipSync(JSON.stringify(content), { level: 9 }).length);
  return { search, indexBytes: Math.min(...sent), engineBytes: null };
}
