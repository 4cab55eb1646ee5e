/*
 * The search engines that helploop's is measured against, each as a help site would set it up.
 *
 *   node peers.mjs NAME < task.json > result.json
 *   node peers.mjs --list
 *
 * task: {articles: [{id, title, body, aliases}], queries: [text], limit}; aliases are hidden texts of an article.
 * result: {name, version, ids: [[best first]], counts: [hits in all], milliseconds: [a query], index_bytes_gzipped,
 * engine_bytes_gzipped (null where no minified file is published)}. What goes wrong is one line on stderr, exit code 1.
 *
 * The two of Material need its installed templates: the variable MATERIAL_TEMPLATES, or --material-templates FOLDER.
 * The others come with `npm ci`. Each module gives version() and open(articles) -> {search(query, limit), indexBytes,
 * engineBytes, close?()}.
 */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";

process.on("uncaughtException", fail);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: "boolean", default: false },
    "material-templates": { type: "string", default: process.env.MATERIAL_TEMPLATES ?? "" },
  },
});
const templates = options["material-templates"];

// Loaded when asked for: Material's two work without `npm ci`.
const PEERS = {
  material: async () => (await import("./peers_material.mjs")).material(templates, "shipped"),
  "material-separator": async () => (await import("./peers_material.mjs")).material(templates, "recommended"),
  minisearch: async () => (await import("./peers_minisearch.mjs")).minisearch(false),
  "minisearch-all-words": async () => (await import("./peers_minisearch.mjs")).minisearch(true),
  orama: async () => (await import("./peers_orama.mjs")).orama(false),
  "orama-qps": async () => (await import("./peers_orama.mjs")).orama(true),
  pagefind: () => import("./peers_pagefind.mjs"),
};

try {
  if (options.list) await list();
  else await answer(positionals[0]);
} catch (error) {
  fail(error);
}

function fail(error) {
  console.error(`peers: ${String(error?.message ?? error).replace(/\s+/g, " ")}`);
  process.exit(1);
}

async function list() {
  for (const [name, load] of Object.entries(PEERS)) {
    const version = await load().then((peer) => peer.version()).catch((error) => `not here: ${error.message}`);
    console.log(`${name} ${version}`);
  }
}

async function answer(name) {
  if (!Object.hasOwn(PEERS, name ?? "")) throw new Error(`give the name of a peer: ${Object.keys(PEERS).join(", ")}`);
  const { articles, queries, limit } = readTask();
  const peer = await PEERS[name]();
  const engine = await peer.open(articles);
  const result = { name, version: peer.version(), ids: [], counts: [], milliseconds: [] };
  try {
    for (const query of queries) {
      const start = performance.now();
      const { ids, count } = await engine.search(query, limit);
      result.milliseconds.push(Math.round(1000 * (performance.now() - start)) / 1000);
      result.ids.push(ids);
      result.counts.push(count);
    }
  } finally {
    await engine.close?.();
  }
  result.index_bytes_gzipped = engine.indexBytes;
  result.engine_bytes_gzipped = engine.engineBytes;
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** The task with every article complete, and each query as a search box holds it: on one line. */
function readTask() {
  const task = JSON.parse(readFileSync(0, "utf8"));
  if (!task.articles?.length || !Array.isArray(task.queries)) throw new Error("the task needs articles and queries");
  const articles = task.articles.map(({ id, title, body, aliases }) => {
    if (typeof id !== "string" || typeof title !== "string") throw new Error("an article needs an id and a title");
    return { id, title, body: body ?? "", aliases: aliases ?? [] };
  });
  return { articles, queries: task.queries.map((query) => query.replace(/\s+/g, " ").trim()), limit: task.limit ?? 10 };
}
