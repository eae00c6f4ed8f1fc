// Questions to the server: JSON in, JSON out; and its news, which arrive by themselves.
import { notice } from "./dom.js";

export const tab = sessionStorage.tab ||= crypto.getRandomValues(new Uint32Array(2)).join("-");

export class Refusal extends Error {
  constructor(status, error) { super(error?.message || `The studio answered ${status}.`); this.status = status; this.kind = error?.kind || ""; this.current = error?.current; }
  get superseded() { return this.kind === "Superseded"; }
  get stopped() { return this.status === 503 && this.message === "stopped"; }
}
export class Away extends Error { constructor() { super("The studio does not answer. What you type is kept in this browser until it does."); } }

export async function ask(path, body, { method, signal } = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method: method || (body === undefined ? "GET" : "POST"), signal,
      headers: { "x-tab": tab, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) { if (error.name === "AbortError") throw error; throw new Away(); }
  const found = (answer.headers.get("content-type") || "").includes("json") ? await answer.json() : await answer.text();
  if (!answer.ok) throw new Refusal(answer.status, found?.error);
  return found;
}

let told = null;
export function complain(error) {
  if (error?.name === "AbortError" || error?.superseded || error?.stopped) return;
  if (error instanceof Away) { if (told?.isConnected) return; told = notice(error.message); return; }
  notice(error.message || String(error));
}

const listeners = {};
let source = null;
export function on(kind, act) {
  (listeners[kind] ||= new Set()).add(act);
  listen();
  if (kind !== "open") attach(kind);
  return () => listeners[kind].delete(act);
}
const attached = new Set();
function attach(kind) {
  if (attached.has(kind)) return;
  attached.add(kind);
  source.addEventListener(kind, (event) => { const content = JSON.parse(event.data); for (const act of listeners[kind] || []) act(content); });
}
function listen() {
  if (source) return;
  source = new EventSource("/api/events");
  source.onopen = () => { told?.remove(); for (const act of listeners.open || []) act(); };
  for (const kind of Object.keys(listeners)) if (kind !== "open") attach(kind);
}
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
