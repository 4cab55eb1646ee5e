/*
 * Pagefind: its own indexer over pages made of the articles, then its own pagefind.js and WebAssembly in Node, with a
 * fetch that answers from the made files and a document that only says its language. Nothing is set: all words of a
 * query must be in a page, as on any site that has Pagefind.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const LANGUAGE = "en";
// What a browser fetches to search at all; the box that is drawn on the page is not counted, as with the others.
const ENGINE = ["pagefind.js", "pagefind-worker.js", `wasm.${LANGUAGE}.pagefind`];
const INDEX = /\.pf_(meta|index|fragment|filter)$|^pagefind-entry\.json$/;

export function version() {
  return JSON.parse(readFileSync(new URL("node_modules/pagefind/package.json", import.meta.url), "utf8")).version;
}

export async function open(articles) {
  const files = await makeIndex(articles);
  const { pagefind, missing } = await startRuntime(files);

  async function search(query, limit) {
    const { results } = await pagefind.search(query);
    const pages = await Promise.all(results.slice(0, limit).map((result) => result.data()));
    if (missing.length) throw new Error(`Pagefind asked for a file that it had not made: ${missing[0]}`);
    return { ids: pages.map((page) => articles[parseInt(page.url.slice(1), 10)].id), count: results.length };
  }

  const size = (names) => names.reduce((sum, name) => sum + gzippedLength(files.get(name)), 0);
  // All that lies on the server, texts to show included; a search fetches the part that it needs.
  return { search, indexBytes: size([...files.keys()].filter((name) => INDEX.test(name))), engineBytes: size(ENGINE) };
}

/** The files of the bundle by name. */
async function makeIndex(articles) {
  const { close, createIndex } = await import("pagefind");
  try {
    const { index } = check(await createIndex());
    for (const [number, article] of articles.entries()) {
      check(await index.addHTMLFile({ url: `/${number}/`, content: page(article) }));
    }
    const { files } = check(await index.getFiles());
    return new Map(files.map(({ path, content }) => [path, Buffer.from(content)]));
  } finally {
    await close();
  }
}

function check(response) {
  if (response.errors.length) throw new Error(`Pagefind: ${response.errors.join("; ")}`);
  return response;
}

function page({ title, body, aliases }) {
  const hidden = aliases.map((alias) => `<p>${escape(alias)}</p>`).join("\n");
  return `<!doctype html>
<html lang="${LANGUAGE}">
<head><meta charset="utf-8"><title>${escape(title)}</title></head>
<body>
<main data-pagefind-body>
<h1 data-pagefind-meta="title">${escape(title)}</h1>
<p>${escape(body)}</p>
<div hidden>${hidden}</div>
</main>
</body>
</html>`;
}

function escape(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** Its module, and the names of files that it asked for in vain (which it would only log). */
async function startRuntime(files) {
  const missing = [];
  globalThis.document = { currentScript: null, querySelector: () => ({ getAttribute: () => LANGUAGE }) };
  const folder = mkdtempSync(join(tmpdir(), "peers-"));
  const home = `${pathToFileURL(folder)}/`; // it takes its files from where it lies itself
  globalThis.fetch = async (address) => {
    const name = String(address).slice(home.length).replace(/\?.*/, "");
    if (files.has(name)) return new Response(files.get(name));
    missing.push(name);
    return new Response("", { status: 404 });
  };
  try {
    writeFileSync(join(folder, "package.json"), '{"type": "module"}');
    writeFileSync(join(folder, "pagefind.js"), files.get("pagefind.js"));
    const pagefind = await import(`${home}pagefind.js`);
    await pagefind.options({ baseUrl: "/" });
    await pagefind.init();
    return { pagefind, missing };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As sent: its own formats are compressed already. */
function gzippedLength(content) {
  return Math.min(content.length, gzipSync(content, { level: 9 }).length);
}
