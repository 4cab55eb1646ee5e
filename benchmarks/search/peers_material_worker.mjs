/* A browser's worker, as far as Material's search script needs one: it reads and writes these globals. */
import { runInThisContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";

const silent = () => {};
Object.assign(globalThis, {
  self: globalThis,
  console: { log: silent, warn: silent, error: silent }, // it warns of queries that lunr cannot read
  postMessage: (message) => parentPort.postMessage(message),
  addEventListener: (type, handler) => type === "message" && parentPort.on("message", (data) => handler({ data })),
});
runInThisContext(workerData.script, { filename: "search.min.js" });
