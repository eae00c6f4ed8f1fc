// The briefing of a finished run, or the page kept with an estimate: written by the studio when it is
// first asked for, then read again.
import { ask, complain, on } from "./api.js";
import { h, notice, put, say } from "./dom.js";

const left = (s) => s === null || s === undefined ? "" : s < 90 ? `, about ${Math.max(1, Math.round(s))} s left` : `, about ${Math.round(s / 60)} min left`;

const made = new Map();

// A button that opens the briefing in this tab, with what is being done while it is written. The
// same one for a run every time, so that a page that is drawn anew goes on where it was.
export function opener(run, words = "Open the briefing", what = "briefing") {
  const key = `${run} ${words}`;
  if (!made.has(key)) made.set(key, build(run, words, what));
  return made.get(key);
}

function build(run, words, what) {
  const path = `/api/runs/${encodeURIComponent(run)}/briefing`;
  const button = h("button", { type: "button", "data-open": run, "aria-label": words.includes(what) ? `${words} of run ${run}` : `${words} the ${what} of run ${run}`, onclick: () => { wanted = true; act("POST"); } }, words);
  const stop = h("button.link", { type: "button", hidden: true, "aria-label": `Stop writing the ${what} of run ${run}`, onclick: () => { wanted = false; act("DELETE"); } }, "stop");
  const meter = h("div.meter", { role: "progressbar", "aria-label": `Writing the ${what}`, "aria-valuemin": 0, "aria-valuemax": 100, hidden: true }, h("span"));
  const doing = h("span.quiet", { "aria-live": "polite" });
  const element = h("div.briefing", { "data-status": "none" }, h("div.row", {}, button, doing, stop), meter);
  let wanted = false, heard = 0;

  async function act(method) {
    button.disabled = true;
    const before = heard;
    // News of what is done at once may overtake the answer that it has begun.
    try { const state = await ask(path, method === "POST" ? {} : undefined, { method }); if (heard === before || state.status !== "writing") show(state); } catch (error) { show({ status: "failed", error: error.message }); }
  }
  function show(state) {
    const writing = state.status === "writing";
    element.dataset.status = state.status;
    button.disabled = writing; stop.hidden = !writing;
    const part = writing && state.total ? Math.round(100 * state.done / state.total) : null;
    meter.hidden = part === null;
    if (part !== null) { meter.setAttribute("aria-valuenow", part); meter.firstChild.style.width = `${part}%`; }
    put(doing, writing ? `${state.doing || "waiting for its turn"}${left(state.remaining)} …` : state.status === "failed" ? h("span.refused", {}, state.error) : "");
    if (state.status === "ready" && wanted) arrive(state.address);
    if (!writing) wanted = false;
  }
  function arrive(address) {
    say(`The ${what} is written.`);
    if (element.isConnected) location.href = address;
    else notice(`The ${what} of run ${run} is written.`, ["Open it", () => { location.href = address; }]);
  }
  on("briefing", (state) => { if (state.run === run) { heard += 1; show(state); } });
  // The studio may have been killed while it wrote.
  on("open", () => { if (element.dataset.status === "writing") ask(path).then(show, complain); });
  return element;
}
