// Exploring: assumptions on the left, what follows from them on the right, solved at every release.
import { ask, complain, on, tab } from "./api.js";
import { by, download, h, number, openSide, put, say, share, unique } from "./dom.js";
import { menu } from "./exporting.js";
import { ladder, least } from "./ladder.js";
import { lanes } from "./picture.js";
import { asCsv, rows, table } from "./quantities.js";
import { History, changes, copy, empty, fitting, rangeOf, read, same, write } from "./setting.js";
import { slider } from "./sliders.js";
import { openWhy } from "./why.js";

const FEW = 10;

export async function show(main, document_) {
  const { outline, problems } = await ask("/api/examine", { document: document_.name, text: document_.text });
  if (!outline) return put(main, h("div.wait", {}, h("h1", {}, "This scenario has errors"), h("p", {}, `${problems.filter((p) => p.severity === "error").length} to mend before it can be solved.`), h("a.button", { href: `/edit/${document_.name}` }, "Open the editor")));
  document.title = `${outline.title} – foedus studio`;
  await new Explorer(main, document_, outline).start();
}

class Explorer {
  constructor(main, document_, outline) {
    Object.assign(this, { main, document: document_, outline, answers: new Map(), regimes: false, all: false, filter: "", changedOnly: false, findings: null, pinned: null, claim: null });
    const { setting, extra } = read(location.hash.slice(1));
    this.history = new History(fitting(setting, outline));
    if (extra.pin !== undefined) this.pinned = fitting(read(extra.pin).setting, outline);
    if (extra.claim && outline.claims.some((c) => c.name === extra.claim)) this.claim = extra.claim;
    this.regimes = extra.regimes === "all" || Boolean(this.claim);
    this.factor = outline.factors.some((f) => f.name === extra.factor) ? extra.factor : outline.factors.find((f) => f.levels.some((l) => l.ending))?.name || outline.factors[0]?.name;
  }
  get setting() { return this.history.now; }
  get regime() { return this.setting.regime || this.outline.regimes[0].name; }
  get where() { return { document: this.document.name, text: this.document.origin === "library" && this.document.revision === 0 ? undefined : this.document.text }; }
  label(list, name) { return list.find((one) => one.name === name)?.label || name; }

  async start() {
    this.layout();
    this.assumptions();
    this.solve();
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || /^(text|search|number)$/.test(event.target.type)) return;
      event.preventDefault();
      event.shiftKey ? this.redo() : this.undo();
    });
    addEventListener("hashchange", () => { const { setting } = read(location.hash.slice(1)); if (this.history.go(fitting(setting, this.outline))) this.turned(false); });
    on("doing", ({ tab: whose, doing }) => { if (whose === tab && this.busy) this.badge(`${doing} …`, "busy"); });
    try {
      const { assessments } = await ask("/api/assessments");
      const done = assessments.find((a) => a.document === this.document.name && a.status === "done");
      const findings = done && (await ask(`/api/assessments/${done.id}`)).findings;
      if (findings?.digest === this.outline.digest) { this.findings = findings; if (this.claim) { this.assumptions(); this.claimCard(); } }
    } catch (error) { complain(error); }
  }

  layout() {
    const o = this.outline;
    const button = (words, act, more = {}) => h("button", { type: "button", onclick: act, ...more }, words);
    this.undoButton = button("↶", () => this.undo(), { "aria-label": "Undo", class: "icon", id: "undo", title: "Undo (Ctrl+Z)" });
    this.redoButton = button("↷", () => this.redo(), { "aria-label": "Redo", class: "icon", id: "redo", title: "Redo (Ctrl+Shift+Z)" });
    this.pinButton = button("", () => this.pin(), { id: "pin" });
    this.status = h("button.badge", { type: "button", id: "certificate", onclick: () => this.honesty() });
    this.stop = button("Stop", () => ask("/api/cancel", {}), { id: "stop", hidden: true });
    this.time = h("span.quiet", { id: "time" });
    this.picture = lanes(o, { why: (card) => openWhy(card, { ...this.where, outline: o, setting: this.setting }) });
    const select = h("select", { id: "factor", onchange: () => { this.factor = select.value; this.remember(); this.draw(); } }, o.factors.map((f) => h("option", { value: f.name, selected: f.name === this.factor }, f.label)));
    const claims = h("select", { id: "claim", onchange: () => this.look(claims.value || null) }, h("option", { value: "" }, "none"), o.claims.map((c) => h("option", { value: c.name, selected: c.name === this.claim }, `${c.name}  ${c.label}`)));
    const all = h("input", { type: "checkbox", id: "regimes", checked: this.regimes, onchange: () => { this.regimes = all.checked; this.remember(); this.solve(); } });
    const every = h("input", { type: "checkbox", id: "every", onchange: () => { this.all = every.checked; this.solve(); } });
    this.places = { assumptions: h("div", { id: "assumptions" }), claim: h("div"), ladders: h("div.ladders"), numbers: h("div.scroll", { tabindex: 0, role: "group", "aria-label": "Quantities" }), changed: h("p.quiet", { id: "changes" }), numbersMenu: h("div"), regimesBox: all };
    put(this.main, h("div.explore", {},
      h("div.title", {}, h("h1", {}, o.title), h("p.summary", {}, o.summary)),
      h("aside.assume", { "aria-label": "Assumptions" }, this.places.assumptions),
      h("div.scene", {},
        h("div.deck", {}, h("div.row", {}, this.undoButton, this.redoButton, this.pinButton, button("Share", () => this.share(), { id: "share" }), button("Export", () => this.export(), { id: "export" }), h("span.push"), this.time, this.stop, this.status), this.places.changed),
        o.claims.length ? h("div.row.lookat", {}, h("label", { for: "claim" }, "Look at a claim"), claims) : null, this.places.claim,
        h("section.card", { "aria-labelledby": "h-picture" }, h("header", {}, h("h2", { id: "h-picture" }, `One ${o.period}, move by move`), h("span.quiet", {}, `How often each action is taken when the choice comes up, from the start on, over ${o.horizon.evaluate} ${o.period}s`)), this.picture.element),
        o.factors.length ? h("section.card", { "aria-labelledby": "h-ladder" }, h("header", {}, h("h2", { id: "h-ladder" }, "Where play goes"), o.factors.length > 1 ? h("span.row.push", {}, h("label.unseen", { for: "factor" }, "Factor"), select) : null), this.places.ladders) : null,
        h("section.card", { "aria-labelledby": "h-numbers" }, h("header", {}, h("h2", { id: "h-numbers" }, "The numbers"), h("span.row.push", {}, o.regimes.length > 1 ? h("label.check", {}, all, "all regimes") : null, h("label.check", {}, every, "every quantity"))), this.places.numbers, this.places.numbersMenu))));
    this.claimCard();
  }

  assumptions() {
    const o = this.outline, setting = this.setting, focus = document.activeElement?.dataset?.parameter || document.activeElement?.id;
    const choice = (name, list, current, words) => list.length < 2 ? null : h("fieldset.segments", {}, h("legend", {}, words), list.map((one) => { const id = unique(name); return h("label", { for: id, title: one.means || null }, h("input", { type: "radio", name, id, value: one.name ?? "", checked: (one.name ?? null) === current, onchange: () => this.set(name, one.name) }), one.label); }));
    const start = h("select", { id: "start", onchange: () => this.set("start", start.value) }, o.starts.map((one) => h("option", { value: one.name, selected: one.name === (setting.start || o.starts[0].name) }, one.label)));
    const variant = h("select", { id: "variant", onchange: () => this.set("variant", variant.value || null) }, h("option", { value: "" }, "as the scenario has it"), o.variants.map((one) => h("option", { value: one.name, selected: one.name === setting.variant }, one.label)));
    const precision = slider({ ...o.precision, name: "precision", means: "how exactly everybody chooses the better option" }, { value: setting.precision, set: (_, v) => this.set("precision", v) });
    const pivots = this.pivots();
    const search = h("input", { type: "search", id: "filter", value: this.filter, placeholder: "Find an assumption", "aria-label": "Find an assumption", oninput: () => { this.filter = search.value; this.listed(); } });
    const only = h("input", { type: "checkbox", id: "only", checked: this.changedOnly, onchange: () => { this.changedOnly = only.checked; this.listed(); } });
    const order = [...o.parameters].sort((a, b) => (pivots.has(b.name) - pivots.has(a.name)));
    this.sliders = order.map((p) => slider({ ...p, ...rangeOf(p, this.regime) }, { value: setting.values[p.name], source: p.source ? o.sources[p.source] || p.source : "", decides: pivots.get(p.name), set: (name, v) => this.setValue(name, v) }));
    const many = o.parameters.length > 8;
    put(this.places.assumptions, h("div.rules", {}, choice("regime", o.regimes, this.regime, "Rules in force"),
      o.starts.length > 1 ? h("div.field", {}, h("label", { for: "start" }, "Where play begins"), start) : null,
      o.variants.length ? h("div.field", {}, h("label", { for: "variant" }, "Model"), variant) : null,
      precision,
      choice("convention", [{ name: "expected", label: "expected payoffs" }, { name: "shock", label: "with shocks" }], setting.convention || o.convention, "What a choice is worth to its mover")),
    h("div.head.assumehead", {}, h("h2", {}, "Assumptions"), h("button.link", { type: "button", id: "reset-all", disabled: !Object.keys(setting.values).length && setting.precision === null, onclick: () => this.go({ ...copy(setting), values: {}, precision: null }) }, "reset all")),
    many ? h("div.find", {}, search, h("label.check", {}, only, "changed only")) : null, h("div.sliders", {}, this.sliders));
    this.listed();
    if (focus) (this.places.assumptions.querySelector(`[data-parameter="${CSS.escape(focus)}"]`) || by(focus))?.focus({ preventScroll: true });
  }
  listed() {
    const wanted = this.filter.toLowerCase();
    for (const one of this.sliders) one.hidden = (wanted && !one.textContent.toLowerCase().includes(wanted)) || (this.changedOnly && !one.classList.contains("changed"));
  }
  pivots() {
    const found = new Map(), finding = this.findings?.claims.find((c) => c.id === this.claim);
    for (const pivot of finding?.pivots || []) found.set(pivot.parameter, "decides");
    return found;
  }

  set(name, value) {
    const next = copy(this.setting), first = { regime: this.outline.regimes[0].name, start: this.outline.starts[0]?.name, convention: this.outline.convention }[name];
    next[name] = value === first ? null : value;
    this.go(fitting(next, this.outline));
  }
  setValue(name, value) { const next = copy(this.setting); if (value === null) delete next.values[name]; else next.values[name] = value; this.go(next); }
  go(next) { if (this.history.go(next)) this.turned(); }
  undo() { if (this.history.undo()) this.turned(); }
  redo() { if (this.history.redo()) this.turned(); }
  turned(remember = true) { if (remember) this.remember(); this.assumptions(); this.solve(); }
  remember() {
    const extra = { claim: this.claim, regimes: this.regimes && !this.claim ? "all" : "", factor: this.factor };
    if (this.pinned) extra.pin = write(this.pinned) || "file";
    history.replaceState(null, "", `#${write(this.setting, extra)}`);
  }
  pin() { this.pinned = this.pinned ? null : copy(this.setting); this.remember(); this.solve(); say(this.pinned ? "This setting is pinned; turn something to compare." : "No longer comparing."); }

  wanted() {
    const list = rows(this.outline), claim = this.outline.claims.find((c) => c.name === this.claim);
    const read_ = new Set(claim?.reads.map((r) => r.quantity));
    const first = list.filter((r) => read_.has(r.name)), rest = list.filter((r) => !read_.has(r.name));
    const few = [...rest.filter((r) => r.name && !r.against).slice(0, FEW), ...rest.filter((r) => !r.name)];
    return { list: this.all ? [...first, ...rest] : [...first, ...few], marked: read_ };
  }
  async one(panel, setting) {
    const names = this.wanted().list.map((r) => r.name).filter(Boolean);
    const key = JSON.stringify([setting, names, this.all]);
    if (!this.answers.has(key)) {
      const answer = await ask("/api/solve", { ...this.where, setting, panel, quantities: names, others: this.all });
      this.answers.set(key, answer);
      if (this.answers.size > 60) this.answers.delete(this.answers.keys().next().value);
    }
    return this.answers.get(key);
  }

  async solve() {
    const turn = this.turn = Symbol("turn"), begun = performance.now(), current = () => turn === this.turn;
    this.undoButton.disabled = !this.history.past.length; this.redoButton.disabled = !this.history.future.length;
    this.pinButton.textContent = this.pinned ? "Stop comparing" : "Compare with this";
    put(this.places.changed, changes(this.setting, this.outline), Object.keys(this.setting.values).length ? "" : " · all assumptions at their central values");
    this.busy = true;
    const slow = setTimeout(() => { if (current()) { this.badge("solving …", "busy"); this.stop.hidden = false; this.main.querySelector(".scene").classList.add("stale"); } }, 120);
    try {
      const now = await this.one("now", this.setting);
      if (!current()) return;
      this.now = now; this.others = null;
      if (!this.pinned) this.before = null;
      clearTimeout(slow); this.settled(); this.draw();
      this.certified(now, performance.now() - begun);
      say(`Solved. ${this.spoken(now)}`);
      this.warm();
      if (this.pinned) { this.before = await this.one("pinned", this.pinned); if (!current()) return; this.draw(); }
      if (this.regimes) {
        this.others = {};
        for (const regime of this.outline.regimes) {
          this.others[regime.name] = regime.name === this.regime ? now : await this.one("regimes", fitting({ ...copy(this.setting), regime: regime.name }, this.outline));
          if (!current()) return;
          this.draw();
        }
      }
    } catch (error) {
      if (!current()) return;
      this.badge(error.stopped ? "stopped" : error.kind ? "not solved" : "no answer", "bad");
      complain(error);
    } finally {
      clearTimeout(slow);
      if (current()) this.settled();
    }
  }
  // The other regimes are compiled while nothing else is asked, so that changing to one is quick.
  async warm() {
    if (this.warming) return;
    this.warming = true;
    for (const regime of this.outline.regimes) {
      if (regime.name === this.regime) continue;
      await new Promise((done) => setTimeout(done, 1500));
      while (this.busy || document.hidden) await new Promise((done) => setTimeout(done, 1000));
      try { await ask("/api/warm", { ...this.where, regimes: [regime.name] }); } catch { return; }
    }
  }
  settled() { this.busy = false; this.stop.hidden = true; this.main.querySelector(".scene").classList.remove("stale"); }
  spoken(answer) { return this.wanted().list.slice(0, 3).filter((r) => r.read(answer) !== undefined).map((r) => `${r.label}: ${["reach", "hazard", "probability", "rate", "distance"].includes(r.kind) ? share(r.read(answer)) : number(r.read(answer))}`).join("; "); }
  badge(words, kind = "") { this.status.className = `badge ${kind}`; this.status.textContent = words; }
  certified(answer, elapsed) {
    const ok = answer.certificate.passed;
    this.badge(ok ? "✓ certified" : "✕ not certified", ok ? "good" : "bad");
    this.time.textContent = answer.remembered ? "from memory" : `${Math.round(elapsed)} ms`;
    this.time.title = `solved in ${Math.round(1000 * answer.certificate.solve_seconds)} ms, certified in ${Math.round(1000 * answer.certificate.certify_seconds)} ms`;
    this.main.dataset.solved = write(this.setting) || "file";
  }
  honesty() {
    const c = this.now?.certificate;
    if (!c) return;
    openSide("How far this can be trusted",
      h("p", {}, c.passed ? "Code that shares nothing with the solver has played this equilibrium through again, and found what the solver reported." : "The independent check did not pass: do not rely on these figures."),
      h("dl.pairs", {}, [["Largest gain from deviating once", number(c.regret)], ...Object.entries(c.regret_by_player).map(([p, r]) => [`  ${p}`, number(r)]), ["Distance from the logit response", c.residual === null ? "–" : c.residual.toExponential(1)], ["Difference of values", c.value_error === null ? "–" : c.value_error.toExponential(1)], ["Which equilibrium", c.selection], ["Method", c.method], ["States", this.now.states], ["Precision", Object.entries(this.now.precision).map(([p, v]) => `${p} ${number(v)}`).join(", ")], ["Convention", this.now.convention]].flatMap(([k, v]) => [h("dt", {}, k), h("dd", {}, v)])),
      h("p.quiet", {}, "A gain above zero is part of logit play: at finite precision nobody always takes the best option."));
  }

  draw() {
    const now = this.now, before = this.before, o = this.outline;
    if (!now) return;
    this.picture.update(now.course, before?.course);
    const factor = o.factors.find((f) => f.name === this.factor);
    if (factor) {
      const dates = Object.values(now.course.levels[factor.name])[0].length;
      const shownLadders = [[before ? "Pinned: " + changes(this.pinned, o) : null, before], [before ? "Now" : null, now]].filter(([, a]) => a);
      put(this.places.ladders, shownLadders.map(([words, answer]) => { const { drawing, summary, table: t, csv } = ladder(factor, answer.course.levels[factor.name], o.period, { title: words ? `${factor.label}, ${words}` : factor.label, room: this.room(shownLadders.length, dates) }); return h("figure", {}, words ? h("h3", {}, words) : null, h("div.scroll", { tabindex: 0, role: "group", "aria-label": factor.label }, drawing), h("figcaption", {}, summary), h("div.row", {}, h("details", {}, h("summary", {}, "As a table"), h("div.scroll", { tabindex: 0, role: "group", "aria-label": "Table" }, t)), menu(factor.label, drawing, csv))); }));
    }
    const { list, marked } = this.wanted();
    const columns = this.regimes && this.others ? o.regimes.map((r) => ({ label: r.label, answer: this.others[r.name] })) : before ? [{ label: "Pinned", answer: before }, { label: "Now", answer: now }] : [{ label: this.label(o.regimes, this.regime), answer: now }];
    const compared = Boolean(before) && !(this.regimes && this.others);
    put(this.places.numbers, table(list, columns, { marked, difference: compared, caption: compared ? `Pinned: ${changes(this.pinned, o)}` : `From ${this.label(o.starts, now.start)}` }));
    put(this.places.numbersMenu, menu("Quantities", null, () => asCsv(list, columns)));
    if (this.claim) this.claimCard();
  }

  // The width of one of so many ladders; two stand side by side where each has room for its words.
  room(n, dates) {
    const all = this.places.ladders.clientWidth || 780, beside = n > 1 && all >= 2 * least(dates) + 16;
    this.places.ladders.style.gridTemplateColumns = beside ? "1fr 1fr" : "minmax(0, 1fr)";
    return beside ? (all - 16) / 2 : all;
  }
  look(name) { this.claim = name; if (name) this.regimes = true; this.places.regimesBox.checked = this.regimes; this.remember(); this.assumptions(); this.claimCard(); this.solve(); }
  claimCard() {
    const claim = this.outline.claims.find((c) => c.name === this.claim);
    if (!claim) return put(this.places.claim);
    const finding = this.findings?.claims.find((c) => c.id === claim.name);
    const box = h("section.card.claim", { "aria-label": "The claim" }, h("header", {}, h("h2", {}, claim.label), h("span.quiet", {}, [claim.by, claim.where].filter(Boolean).join(", "))), h("p", {}, claim.says), h("p.quiet", {}, "Tested as ", h("code", {}, claim.tests || claim.untestable)),
      this.here ? h("p", { id: "here" }, this.here.claim === claim.name && this.here.setting === write(this.setting) ? this.here.words : "At this setting: …") : null,
      finding ? h("p", {}, verdict(finding.verdict), " ", finding.sentence) : h("p.quiet", {}, h("a", { href: `/question/${this.document.name}` }, "Assess it"), " to see what decides it over the whole region."));
    put(this.places.claim, box);
    this.holdsHere(claim);
  }
  async holdsHere(claim) {
    const at = write(this.setting);
    if (!claim.tests || !this.now || (this.here?.claim === claim.name && this.here.setting === at)) return;
    this.here = { claim: claim.name, setting: at, words: "At this setting: …" };
    try {
      const found = await ask("/api/stand", { ...this.where, setting: this.setting, claim: claim.name });
      const words = found.holds === null ? found.why : `At this setting it ${found.holds ? "holds" : "does not hold"}${found.effect === null ? "" : `; its size is ${number(found.effect)}${claim.unit ? ` ${claim.unit}` : ""}`}.`;
      if (this.here.setting === at) { this.here.words = words; if (by("here")) by("here").textContent = words; else this.claimCard(); }
    } catch (error) { this.here = null; complain(error); }
  }

  async share() {
    this.remember();
    const link = location.href;
    try { await navigator.clipboard.writeText(link); say("The address is copied."); this.flash("share", "Copied"); } catch { prompt("The address of this view", link); }
  }
  flash(id, words) { const button = by(id), said = button.textContent; button.textContent = words; setTimeout(() => { button.textContent = said; }, 1600); }
  async export() {
    const change = () => ask("/api/change", { document: this.document.name, text: this.document.text, values: this.setting.values, ...(this.setting.precision === null ? {} : { precision: this.setting.precision }) });
    const command = ["foedus solve", this.document.path || this.document.name, this.setting.regime ? `--regime ${this.setting.regime}` : "", this.setting.variant ? `--variant ${this.setting.variant}` : "", this.setting.precision === null ? "" : `--precision ${+this.setting.precision.toPrecision(6)}`, this.setting.convention ? `--convention ${this.setting.convention}` : "", ...Object.entries(this.setting.values).map(([n, v]) => `--set ${n}=${v}`)].filter(Boolean).join(" ");
    openSide("Take this setting along",
      h("p", {}, "The scenario file with these values written into it. Everything else in it, comments included, stays as it is."),
      h("div.row", {}, h("button.main", { type: "button", id: "export-file", onclick: async () => { const { text } = await change(); download(`${this.document.name}-setting.yaml`, text, "application/yaml"); } }, "Download the scenario"),
        h("button", { type: "button", onclick: async () => { const { text } = await change(); const made = await ask("/api/documents", { name: `${this.document.name} setting`, text, from: "setting" }); location.href = `/edit/${made.name}`; } }, "Edit it here")),
      h("h3", {}, "The same on the command line"), h("pre", { tabindex: 0 }, command),
      h("h3", {}, "Figures"), h("p.quiet", {}, "Below each figure stand SVG, PNG and CSV."));
  }
}

export function verdict(word) { return h("span.verdict", { "data-word": word }, word); }
export { empty, same };
