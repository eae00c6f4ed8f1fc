// Questioning: assess the claims, watch the verdicts come in, doubt a claim or an assumption.
import { ask, complain, on } from "./api.js";
import { opener } from "./briefing.js";
import { by, csv, h, notice, number, openSide, put, say, share, unique } from "./dom.js";
import { verdict } from "./explore.js";
import { menu } from "./exporting.js";
import { figure } from "./figure.js";
import { rangeOf } from "./setting.js";
import { scale } from "./sliders.js";

const ACTIVE = ["waiting", "running"];
const clock = (s) => s === null || s === undefined ? "" : s < 90 ? `about ${Math.max(1, Math.round(s))} s left` : `about ${Math.round(s / 60)} min left`;

export async function show(main, document_) {
  const { outline } = await ask("/api/examine", { document: document_.name, text: document_.text });
  if (!outline) return put(main, h("div.wait", {}, h("h1", {}, "This scenario has errors"), h("a.button", { href: `/edit/${document_.name}` }, "Open the editor")));
  await new Question(main, document_, outline).start();
}

class Question {
  constructor(main, document_, outline) { Object.assign(this, { main, document: document_, outline, entry: null, findings: null, verdicts: new Map(), counts: null, ranges: {}, rivals: false, filter: "" }); }
  get draws() { return { document: this.document.name, text: this.document.text, draws: this.entry?.draws ?? 256, seed: this.entry?.seed ?? 7, checks: this.entry?.checks ?? 0 }; }

  async start() {
    const o = this.outline;
    this.places = { runs: h("div", { id: "assessments" }), board: h("div", { id: "board" }), head: h("p.quiet", { id: "counts" }), doubt: h("div"), moved: h("div", { "aria-live": "polite" }), figures: h("div", { id: "figures" }) };
    const size = h("select", { id: "draws" }, [64, 128, 256, 512, 1000].map((n) => h("option", { value: n, selected: n === 128 }, `${n} draws`)));
    const checks = h("select", { id: "checks" }, [[0, "verdicts only"], [16, "with 16 draws in other settings"], [64, "with 64 draws in other settings"]].map(([n, w]) => h("option", { value: n }, w)));
    const quick = h("input", { type: "checkbox", id: "quick", checked: true });
    const begin = h("button.main", { type: "button", id: "assess", onclick: async () => {
      try { this.follow(await ask("/api/assessments", { document: this.document.name, text: this.document.text, draws: +size.value, checks: Math.min(+checks.value, +size.value), quick: quick.checked })); say("The assessment has begun."); } catch (error) { complain(error); }
    } }, "Assess all claims");
    const rivals = h("input", { type: "checkbox", id: "rivals", onchange: () => { this.rivals = rivals.checked; this.board(); } });
    const search = h("input", { type: "search", id: "find-claim", placeholder: "Find a claim", "aria-label": "Find a claim", oninput: () => { this.filter = search.value.toLowerCase(); this.board(); } });
    put(this.main, h("div.question", {},
      h("div.title", {}, h("h1", {}, o.title), h("p.summary", {}, o.claims.length ? `${o.claims.length} claims, each tested over the whole region of ${o.parameters.length} assumptions. Whose claim it is stands beside it; foedus asserts none.` : "This scenario has no claims yet. Write one below.")),
      h("section.card", { "aria-labelledby": "h-assess" }, h("header", {}, h("h2", { id: "h-assess" }, "Assess")), h("div.row", {}, h("label.unseen", { for: "draws" }, "Draws"), size, h("label.unseen", { for: "checks" }, "Checks"), checks, h("label.check", {}, quick, "quick: fewer kinds of checks"), begin), this.places.runs),
      h("section.card", { "aria-labelledby": "h-board" }, h("header", {}, h("h2", { id: "h-board" }, "Verdicts"), h("span.row.push", {}, search, o.claims.some((c) => c.rivals.length) ? h("label.check", {}, rivals, "rivals side by side") : null, h("button", { type: "button", id: "new-claim", onclick: () => this.write() }, "Write a claim"))), this.places.head, this.places.board, this.places.figures),
      h("section.card", { "aria-labelledby": "h-doubt" }, h("header", {}, h("h2", { id: "h-doubt" }, "Doubt an assumption"), h("span.quiet", {}, "Narrow a range, and see which verdicts move. Nothing is solved again: the draws inside are counted.")), this.places.doubt, this.places.moved)));
    this.doubt(); this.board();
    on("progress", (news) => { if (news.id === this.entry?.id) this.progress(news.progress); });
    on("assessment", (news) => { if (news.document === this.document.name) this.told(news); });
    on("open", () => this.refresh());
    await this.refresh();
  }

  async refresh() {
    try {
      const { assessments } = await ask("/api/assessments");
      this.all = assessments.filter((a) => a.document === this.document.name);
      const current = this.all.find((a) => ACTIVE.includes(a.status)) || this.all.find((a) => a.status === "done") || this.all[0];
      if (current) await this.told(current); else this.list();
    } catch (error) { complain(error); }
  }
  follow(entry) { this.entry = entry; this.findings = null; this.changed = false; this.verdicts = new Map(); this.told(entry); }
  async told(entry) {
    this.all = [entry, ...(this.all || []).filter((a) => a.id !== entry.id)];
    if (!this.entry || ACTIVE.includes(entry.status) || entry.id === this.entry.id) this.entry = entry;
    if (this.entry.id !== entry.id) return this.list();
    if (entry.status === "done") {
      const { findings } = await ask(`/api/assessments/${entry.id}`);
      this.changed = findings.digest !== this.outline.digest;
      if (this.changed) { this.findings = null; this.verdicts = new Map(); put(this.places.figures); await this.kept(); this.list(); return this.board(); }
      this.findings = findings;
      this.counts = { drawn: this.findings.draws, solved: this.findings.solved, plausible: this.findings.plausible };
      this.verdicts = new Map(this.findings.claims.map((c) => [c.id, { word: c.verdict, share: c.share, interval: c.interval, effect: c.effect, finding: c }]));
      say("The assessment is done.");
      this.picture();
    } else if (entry.partial) { this.counts = entry.partial; for (const c of entry.partial.claims) this.verdicts.set(c.name, { ...c.verdict, partial: true }); }
    else if (entry.status === "stopped") this.kept();
    this.list(); this.board();
  }
  // The figures of the briefing are made when somebody asks for them.
  picture() {
    const width = Math.min(680, this.places.figures.clientWidth || 680), run = this.findings.run;
    const box = h("details.figures", { id: "pictures", ontoggle: async () => {
      if (!box.open || box.children.length > 1) return;
      const wait = h("p.quiet", {}, "Drawing …"); box.append(wait);
      try { const { figures } = await ask(`/api/runs/${run}/figures`, { width }); wait.remove(); box.append(...figures.map(figure)); } catch (error) { wait.remove(); complain(error); }
    } }, h("summary", {}, "The picture of it, as in the briefing"));
    put(this.places.figures, box);
  }
  evidence(claim, run) {
    const box = h("details.figures", { id: "evidence", ontoggle: async () => {
      if (!box.open || box.children.length > 1) return;
      const wait = h("p.quiet", {}, "Drawing …"); box.append(wait);
      try { const { figures } = await ask(`/api/runs/${run}/figures`, { claim: claim.name, width: Math.min(480, box.clientWidth) }); wait.remove(); box.append(...figures.map(figure)); } catch (error) { wait.remove(); complain(error); }
    } }, h("summary", {}, "The evidence in pictures"));
    return box;
  }
  async kept() {
    try { const found = await ask("/api/draws", this.draws); if (!found.drawn) return; this.counts = found; for (const c of found.claims) this.verdicts.set(c.name, { ...c.verdict, partial: true }); this.board(); } catch (error) { complain(error); }
  }
  progress(at) { this.entry.progress = at; const bar = by(`bar-${this.entry.id}`); if (!bar) return this.list(); bar.firstChild.style.width = `${100 * at.done / Math.max(1, at.total)}%`; bar.setAttribute("aria-valuenow", Math.round(100 * at.done / Math.max(1, at.total))); by(`doing-${this.entry.id}`).textContent = `${at.doing}: ${at.done} of ${at.total} parts ${clock(at.remaining)}`; }
  list() {
    const act = (id, what) => async () => { try { const entry = await ask(`/api/assessments/${id}/${what}`, {}); if (what === "resume") this.entry = entry; await this.told(entry); } catch (error) { complain(error); } };
    put(this.places.runs, (this.all || []).slice(0, 6).map((a) => {
      const at = a.progress, active = ACTIVE.includes(a.status), part = at ? Math.round(100 * at.done / Math.max(1, at.total)) : 0;
      return h("div.assessment", { "data-status": a.status, "data-id": a.id },
        h("div.row", {}, h("span.badge", { class: `badge ${{ done: "good", failed: "bad" }[a.status] || "busy"}` }, a.status), h("span", {}, `${a.draws} draws${a.checks ? `, ${a.checks} checked again` : ""}`), h("span.quiet", {}, new Date(a.made * 1000).toLocaleString()), a.run ? h("a", { href: `/runs#${a.run}` }, `run ${a.run}`) : null, h("span.push"),
          active ? h("button", { type: "button", onclick: act(a.id, "cancel") }, "Stop") : ["stopped", "failed"].includes(a.status) ? h("button", { type: "button", onclick: act(a.id, "resume") }, "Go on") : a.id !== this.entry?.id ? h("button", { type: "button", onclick: () => { this.entry = a; this.told(a); } }, "Show") : null),
        active ? [h("div.meter", { id: `bar-${a.id}`, role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": part }, h("span", { style: `width:${part}%` })), h("p.quiet", { id: `doing-${a.id}` }, at ? `${at.doing}: ${at.done} of ${at.total} parts ${clock(at.remaining)}` : a.status === "waiting" ? "waiting for its turn" : "starting …")] : null,
        a.status === "done" && a.run ? opener(a.run) : null, a.error ? h("p.refused", {}, a.error) : null);
    }));
  }

  board() {
    const o = this.outline, c = this.counts;
    put(this.places.head, this.changed ? "The scenario has changed since it was assessed. " : "", c ? `${c.plausible} of ${c.drawn} draws reproduce the known facts and count${this.findings ? "" : this.changed ? "; these are the verdicts on the text as it is now" : "; the verdicts are those so far"}.` : o.claims.length ? "No draws are solved yet." : "");
    const fits = (claim) => !this.filter || `${claim.name} ${claim.label} ${claim.by} ${claim.says}`.toLowerCase().includes(this.filter);
    const list = o.claims.filter(fits);
    if (this.rivals) {
      const done = new Set(), groups = [];
      for (const claim of list.filter((x) => x.rivals.length)) { if (done.has(claim.name)) continue; const group = [claim, ...claim.rivals.map((r) => o.claims.find((x) => x.name === r)).filter((x) => x && !done.has(x.name))]; if (group.length < 2) continue; group.forEach((x) => done.add(x.name)); groups.push(group); }
      return put(this.places.board, groups.map((group) => h("div.rivals", {}, group.map((claim) => h("article", {}, h("h3", {}, h("button.link", { type: "button", onclick: () => this.detail(claim) }, `${claim.name}  ${claim.label}`)), h("p.quiet", {}, claim.by), h("p", {}, claim.says), this.meter(claim))))));
    }
    const rows = list.map((claim) => { const v = this.verdicts.get(claim.name); return h("tr", { "data-claim": claim.name }, h("th", { scope: "row" }, h("button.link", { type: "button", onclick: () => this.detail(claim) }, h("span.quiet", {}, `${claim.name} `), claim.label), h("small", {}, claim.by)), h("td", {}, this.meter(claim)), h("td.num", {}, v?.effect ? `${number(v.effect.median)}` : ""), h("td", {}, (v?.finding?.pivots || []).slice(0, 3).map((p, i) => [i ? ", " : "", h("code", {}, p.parameter)]))); });
    const asCsv = () => csv(["claim", "label", "by", "verdict", "share", "low", "high", "effect"], o.claims.map((x) => { const v = this.verdicts.get(x.name); return [x.name, x.label, x.by, v?.word, v?.share, v?.interval?.[0], v?.interval?.[1], v?.effect?.median]; }));
    put(this.places.board, list.length ? [h("div.scroll", { tabindex: 0, role: "group", "aria-label": "Verdicts" }, h("table.board", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Claim"), h("th", { scope: "col" }, "Verdict, and the share of draws in which it holds"), h("th.num", { scope: "col" }, "Median size"), h("th", { scope: "col" }, "Decided by"))), h("tbody", {}, rows))), this.verdicts.size ? menu("Verdicts", null, asCsv) : null] : h("p.quiet", {}, "No claim."));
  }
  meter(claim) {
    const v = this.verdicts.get(claim.name);
    if (!v) return h("span.quiet", {}, claim.untestable ? "untestable" : "–");
    const [a, b] = v.interval || [v.share, v.share];
    return h("div.share", {}, verdict(v.word), v.share === null ? null : h("span.num", {}, share(v.share)), v.finding?.by_construction ? h("span.badge", {}, "true by construction") : null, v.share === null ? null : h("span.strip", { "data-word": v.word, "aria-hidden": "true" }, h("span.wide", { style: `left:${100 * a}%;width:${100 * (b - a)}%` }), h("span.at", { style: `left:${100 * v.share}%` })));
  }
  detail(claim) {
    const v = this.verdicts.get(claim.name), f = v?.finding, rivals = claim.rivals.map((r) => this.outline.claims.find((x) => x.name === r)).filter(Boolean);
    openSide(`${claim.name}  ${claim.label}`, h("p.quiet", {}, [claim.by, claim.where].filter(Boolean).join(", ")), h("p.reason", {}, claim.says), h("p", {}, "Tested as ", h("code", {}, claim.tests || claim.untestable)), claim.note ? h("p.quiet", {}, claim.note) : null,
      v ? [h("p", {}, this.meter(claim)), f ? h("p", {}, f.sentence) : null] : null,
      f?.pivots?.length ? [h("h3", {}, "What decides it"), h("ul", {}, f.pivots.map((p) => h("li", {}, h("code", {}, p.parameter), ` ${this.outline.parameters.find((x) => x.name === p.parameter)?.means || ""}`)))] : null,
      f && Object.keys(f.robustness || {}).length ? h("details", {}, h("summary", {}, f.moved.length ? `Moves under ${f.moved.length} other settings` : "Stays the same in all other settings"), h("table", {}, h("tbody", {}, Object.entries(f.robustness).map(([name, shift]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, verdict(shift.verdict.word)), h("td.num", {}, share(shift.verdict.share))))))) : null,
      f ? this.evidence(claim, this.findings.run) : null,
      rivals.length ? [h("h3", {}, "Contested by"), h("ul", {}, rivals.map((r) => h("li", {}, h("button.link", { type: "button", onclick: () => this.detail(r) }, `${r.name}  ${r.label}`), " ", this.verdicts.get(r.name) ? verdict(this.verdicts.get(r.name).word) : null)))] : null,
      h("div.row", {}, h("a.button", { href: `/explore/${this.document.name}#claim=${encodeURIComponent(claim.name)}`, id: "see" }, "See what decides it"), h("button", { type: "button", onclick: () => this.write(claim) }, "Change it"), h("a.button", { href: `/edit/${this.document.name}#line=${claim.line}` }, "In the file")));
  }

  write(claim) {
    const o = this.outline, fields = {};
    const field = (key, words, value, { area, hint } = {}) => { const id = unique(key); fields[key] = h(area ? "textarea" : "input", { id, name: key, rows: area ? 3 : null, type: area ? null : "text", value: value || "", spellcheck: key !== "holds" && key !== "id", list: key === "holds" ? "words" : null }); return h("div.field", {}, h("label", { for: id }, words), fields[key], hint ? h("small", {}, hint) : null); };
    const answer = h("div", { "aria-live": "polite", id: "judged" });
    const regimes = o.regimes.map((r) => r.name);
    const example = o.quantities[0] ? `${o.quantities[0].name}(${regimes[regimes.length - 1]}) < ${o.quantities[0].name}(${regimes[0]})` : "";
    openSide(claim ? `Change claim ${claim.name}` : "A claim of your own",
      h("form", { onsubmit: async (event) => {
        event.preventDefault(); put(answer, h("p.quiet", {}, "Counting …"));
        try {
          const found = await ask("/api/judge", { ...this.draws, claim: fields.id.value.trim(), fields: { label: fields.label.value, by: fields.by.value, says: fields.says.value, holds: fields.holds.value } });
          const f = found.finding;
          put(answer, f ? [h("p", {}, verdict(f.verdict), ` in ${share(f.share)} of ${f.draws} draws that count`), h("p.reason", {}, f.sentence), f.pivots.length ? h("p", {}, "Decided by ", f.pivots.map((p, i) => [i ? ", " : "", h("code", {}, p.parameter)])) : null, h("button", { type: "button", id: "add-claim", onclick: () => this.add(found.text) }, "Write it into the scenario")] : h("p", {}, found.why));
          say(f ? `Verdict: ${f.verdict}` : found.why);
        } catch (error) { if (error.superseded) return; put(answer, h("pre.refused", { tabindex: 0 }, error.message)); }
      } }, field("id", "Its short name", claim?.name || `mine${o.claims.length + 1}`, { hint: "letters and digits" }), field("label", "In a few words", claim?.label), field("by", "Whose claim it is", claim?.by || "me"), field("says", "What it says", claim?.says, { area: true }),
        field("holds", "It holds when", claim?.tests || example, { area: true, hint: "quantities by regime, such as " + example }), h("details", {}, h("summary", {}, "Quantities and regimes that can be used"), h("dl.pairs", {}, o.quantities.filter((q) => !q.part).slice(0, 80).flatMap((q) => [h("dt", {}, h("code", {}, q.name)), h("dd", {}, q.label)]), o.regimes.flatMap((r) => [h("dt", {}, h("code", {}, r.name)), h("dd", {}, r.label)]))),
        h("p", {}, h("button.main", { type: "submit", id: "judge" }, "Judge it over the draws"))), answer);
  }
  async add(text) {
    try { await ask(`/api/documents/${this.document.name}`, { text, base: this.document.revision }, { method: "PUT" }); notice("The claim is in the scenario."); setTimeout(() => location.reload(), 400); } catch (error) { complain(error); }
  }

  doubt() {
    const o = this.outline, pick = h("select", { id: "doubted", onchange: () => { if (pick.value) { const p = o.parameters.find((x) => x.name === pick.value); this.ranges[p.name] ||= [p.low, p.high]; this.doubt(); by(`low-${p.name}`)?.focus(); } } }, h("option", { value: "" }, "Choose an assumption …"), o.parameters.filter((p) => p.low < p.high).map((p) => h("option", { value: p.name, disabled: p.name in this.ranges }, `${p.name}  ${p.means}`.slice(0, 90))));
    put(this.places.doubt, h("div.row", {}, h("label.unseen", { for: "doubted" }, "Assumption"), pick), Object.entries(this.ranges).map(([name, ends]) => {
      const p = { ...o.parameters.find((x) => x.name === name) }, way = scale(rangeOf(p, null)), said = h("output", {}, `${number(ends[0])} to ${number(ends[1])}`);
      const end = (i, words) => { const input = h("input", { type: "range", id: `${i ? "high" : "low"}-${name}`, min: 0, max: 200, value: way.place(ends[i]), "aria-label": `${words} end of ${name}`, "aria-valuetext": number(ends[i]), oninput: () => { const v = way.value(+input.value); ends[i] = i ? Math.max(v, ends[0]) : Math.min(v, ends[1]); said.value = `${number(ends[0])} to ${number(ends[1])}`; input.setAttribute("aria-valuetext", number(ends[i])); }, onchange: () => { input.value = way.place(ends[i]); this.challenge(); } }); return input; };
      return h("div.doubted", {}, h("div.row", {}, h("code", {}, name), h("span.quiet", {}, p.means), h("span.push"), said, h("button.link", { type: "button", "aria-label": `No longer doubt ${name}`, onclick: () => { delete this.ranges[name]; this.doubt(); this.challenge(); } }, "give up")), h("div.ends2", {}, end(0, "lower"), end(1, "upper")));
    }));
  }
  async challenge() {
    if (!Object.keys(this.ranges).length) return put(this.places.moved);
    try {
      const found = await ask("/api/challenge", { ...this.draws, ranges: this.ranges });
      const moved = found.claims.filter((c) => c.kind !== "same"), rest = found.claims.length - moved.length;
      put(this.places.moved, h("p", { id: "moved" }, `${found.inside} of ${found.plausible} draws lie inside. ${moved.length ? `${moved.length} verdicts move, ${rest} stay.` : `All ${rest} verdicts stay.`}`),
        moved.length ? h("div.scroll", { tabindex: 0, role: "group", "aria-label": "Verdicts that move" }, h("table", {}, h("thead", {}, h("tr", {}, ["Claim", "Before", "Inside the range", ""].map((w) => h("th", { scope: "col" }, w)))), h("tbody", {}, moved.map((c) => h("tr", {}, h("th", { scope: "row" }, `${c.name}  ${c.label}`), h("td", {}, verdict(c.before.word), ` ${share(c.before.share)}`), h("td", {}, verdict(c.after.word), ` ${share(c.after.share)}`), h("td.quiet", {}, c.beyond_error ? "" : "may be chance")))))) : null,
        h("p.quiet", {}, "To go beyond the declared range, ", h("button.link", { type: "button", onclick: async () => { const [name, [low, high]] = Object.entries(this.ranges)[0]; try { const { text } = await ask("/api/change", { document: this.document.name, text: this.document.text, range: { name, low, high } }); const made = await ask("/api/documents", { name: `${this.document.name} ${name}`, text, from: "range" }); location.href = `/edit/${made.name}`; } catch (error) { complain(error); } } }, "write the range into a copy"), " and assess that."));
      say(by("moved").textContent);
    } catch (error) { if (error.superseded) return; put(this.places.moved, h("p.refused", {}, error.message)); }
  }
}
