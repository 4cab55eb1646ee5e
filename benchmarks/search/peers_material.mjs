/*
 * Material for MkDocs: the search worker that the package ships, run as it is in a thread of its own and spoken to by
 * its own messages. Its times hold the way to that thread and back, as in a browser.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";

const SETUP = 0;
const READY = 1;
const QUERY = 2;
const RESULT = 3;

const SEPARATORS = {
  shipped: "[\\s\\-]+", // of the theme's English texts
  recommended: '[\\s\\-,:!=\\[\\]()"/]+|(?!\\b)(?=[A-Z][a-z])|\\.(?!\\d)|&[lg]t;', // of its documentation
};

/** The peer, with the separator that is shipped or the one that is recommended. */
export function material(templates, separator) {
  if (!templates) throw new Error("set MATERIAL_TEMPLATES to the folder material/templates of the installed package");
  return {
    version: () => readFileSync(join(templates, "base.html"), "utf8").match(/mkdocs-material-([\w.]+)/)[1],
    open: (articles) => open(templates, SEPARATORS[separator], articles),
  };
}

async function open(templates, separator, articles) {
  const script = readWorker(templates);
  const index = searchIndex(separator, articles);
  const { ask, close } = startWorker(script);
  await ask({ type: SETUP, data: { ...index, options: { suggest: false } } }, READY);

  async function search(query, limit) {
    const { data } = await ask({ type: QUERY, data: query }, RESULT);
    const pages = data.items; // each a list: the page and its sections
    const ids = pages.slice(0, limit).map((page) => articles[parseInt(page[0].location, 10)].id);
    return { ids, count: pages.length };
  }

  return { search, close, indexBytes: gzippedLength(JSON.stringify(index)), engineBytes: gzippedLength(script) };
}

/** search_index.json as the theme's search plugin writes it with nothing set; the aliases end the page's text. */
function searchIndex(separator, articles) {
  const docs = articles.map(({ title, body, aliases }, number) => ({
    location: `${number}/`,
    title: escape(title),
    text: [body, ...aliases].filter(Boolean).map((text) => `<p>${escape(text)}</p>`).join(" "),
  }));
  const fields = { title: { boost: 1000 }, text: { boost: 1 }, tags: { boost: 1000000 } };
  return { config: { lang: ["en"], separator, pipeline: ["stopWordFilter"], fields }, docs };
}

function readWorker(templates) {
  const folder = join(templates, "assets", "javascripts", "workers");
  const names = readdirSync(folder).filter((name) => /^search\.\w+\.min\.js$/.test(name));
  if (names.length !== 1) throw new Error(`${folder} should hold one search worker, not ${names.length}`);
  return readFileSync(join(folder, names[0]), "utf8");
}

/** ask(message, type) posts a message and gives the answer, of that type. One at a time. */
function startWorker(script) {
  const worker = new Worker(new URL("peers_material_worker.mjs", import.meta.url), { workerData: { script } });
  let waiting = null;
  worker.on("message", (answer) => waiting.resolve(answer));
  worker.on("error", (error) => waiting.reject(error));
  async function ask(message, type) {
    const answer = await new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      worker.postMessage(message);
    });
    if (answer.type !== type) throw new Error(`Material's search worker answered ${answer.type}, not ${type}`);
    return answer;
  }
  return { ask, close: () => worker.terminate() };
}

function escape(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function gzippedLength(text) {
  return gzipSync(text, { level: 9 }).length;
}
