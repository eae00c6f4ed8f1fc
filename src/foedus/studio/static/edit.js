// Editing: the text, what is wrong with it, and the situation that it describes, side by side.
import { Refusal, ask, complain, on, tab } from "./api.js";
import { by, download, h, notice, put, say } from "./dom.js";
import { Editor } from "./editor.js";
import { lanes } from "./picture.js";

const PIECES = {
  "a parameter": ["parameters", "  NAME: {range: [0, 1], means: what it stands for, why: the reason for the range}\n"],
  "a quantity": ["quantities", "  NAME: {reach: CONDITION, within: 10, label: in words}\n"],
  "a regime": ["regimes", "  NAME:\n    label: in words\n    edit: {parameters: {NAME: {value: 1}}}\n"],
  "a claim": ["claims", "  NAME:\n    label: in a few words\n    by: who says so\n    says: what is claimed\n    holds: QUANTITY(REGIME) < QUANTITY(OTHER_REGIME)\n"],
};

export async function show(main, document_) { new Desk(main, document_).start(); }

class Desk {
  constructor(main, document_) {
    Object.assign(this, { main, document: document_, base: document_.revision, kept: document_.text, name: document_.name, saving: null, stuck: false });
  }
  get draftKey() { return `draft:${this.name}`; }

  start() {
    const button = (words, act, more = {}) => h("button", { type: "button", onclick: act, ...more }, words);
    this.editor = new Editor(this.kept, { name: this.name, onchange: () => this.typed() });
    this.state = h("span.badge", { id: "kept" }, "kept"); this.count = h("span.badge", { id: "problems" }, "…");
    this.list = h("ol.problems", { "aria-label": "Problems" }); this.shape = h("div", { id: "shape" }); this.sections = h("ul.sections");
    this.conflictBox = h("div", { "aria-live": "assertive" });
    const piece = h("select", { id: "piece", "aria-label": "Insert", onchange: () => { if (piece.value) this.insert(...PIECES[piece.value]); piece.value = ""; } }, h("option", { value: "" }, "Insert …"), Object.keys(PIECES).map((one) => h("option", { value: one }, one)));
    put(this.main, h("div.edit", {},
      h("div.head", {}, h("h1", {}, this.name), this.state, this.count, h("span.push"), piece,
        this.document.path ? button("Save to file", () => this.save(), { id: "save", title: this.document.path }) : null,
        button("Download", () => download(`${this.name}.yaml`, this.editor.text, "application/yaml")),
        this.document.origin === "library" ? button("Library's version", () => this.revert(), { title: "Give up your changes" }) : null,
        h("a.button", { href: `/explore/${this.name}` }, "Explore it")), this.conflictBox,
      h("div.desk", {}, h("div.write", {}, this.editor.element, h("section.found", { "aria-labelledby": "h-problems" }, h("h2", { id: "h-problems" }, "What is wrong"), this.list)),
        h("div.beside", {}, h("section.card", { "aria-labelledby": "h-shape" }, h("h2", { id: "h-shape" }, "What it describes"), this.shape), h("nav.card", { "aria-label": "Sections of the file" }, h("h2", {}, "Sections"), this.sections)))));
    addEventListener("beforeunload", (event) => { if (this.editor.text !== this.kept) { this.draft(); event.preventDefault(); } });
    on("document", (news) => { if (news.name === this.name && news.tab !== tab) this.elsewhere(news); });
    on("open", () => { if (this.editor.text !== this.kept && !this.stuck) this.keep(); });
    this.restore();
    this.look();
    const line = /^#line=(\d+)$/.exec(location.hash)?.[1];
    if (line) this.editor.go(+line);
  }

  // Every keystroke is in this browser at once, and at the studio a moment later.
  typed() { this.draft(); this.badge("writing …"); clearTimeout(this.soon); this.soon = setTimeout(() => this.keep(), 350); clearTimeout(this.later); this.later = setTimeout(() => this.look(), 300); }
  draft() { try { localStorage[this.draftKey] = JSON.stringify({ text: this.editor.text, base: this.base }); } catch { /* the studio has it */ } }
  restore() {
    let draft = null;
    try { draft = JSON.parse(localStorage[this.draftKey] || "null"); } catch { /* not ours */ }
    if (!draft || draft.text === this.kept) { localStorage.removeItem(this.draftKey); this.badge("kept"); return; }
    this.editor.text = draft.text; this.base = draft.base;
    notice("Text that had not reached the studio is back.");
    this.keep();
  }
  async keep() {
    if (this.saving || this.stuck) { this.again = true; return; }
    const text = this.editor.text;
    if (text === this.kept) { this.badge("kept"); return; }
    this.saving = ask(`/api/documents/${this.name}`, { text, base: this.base }, { method: "PUT" });
    try {
      const { revision } = await this.saving;
      this.base = revision; this.kept = text;
      if (this.editor.text === text) { localStorage.removeItem(this.draftKey); this.badge("kept"); }
    } catch (error) {
      if (error instanceof Refusal && error.status === 409 && error.current) this.conflict(error.current);
      else { this.badge("kept in this browser only", "bad"); complain(error); if (!(error instanceof Refusal)) setTimeout(() => this.keep(), 2000); }
    } finally { this.saving = null; }
    if (this.again || (this.editor.text !== this.kept && !this.stuck)) { this.again = false; clearTimeout(this.soon); this.soon = setTimeout(() => this.keep(), 350); }
  }
  badge(words, kind = words === "kept" ? "good" : "busy") { this.state.className = `badge ${kind}`; this.state.textContent = words === "kept" ? "✓ kept" : words; }
  async elsewhere() {
    const current = await ask(`/api/documents/${this.name}`);
    if (this.stuck) return;
    if (this.editor.text === this.kept) { this.take(current); say("Another tab has changed this document; this one shows its text."); }
    else if (current.revision !== this.base) this.conflict(current);
  }
  take(current) { this.base = current.revision; this.kept = current.text; this.editor.text = current.text; localStorage.removeItem(this.draftKey); this.badge("kept"); this.look(); }
  conflict(current) {
    this.stuck = true; this.badge("two versions", "bad");
    const done = () => { this.stuck = false; put(this.conflictBox); };
    put(this.conflictBox, h("div.card.conflict", { role: "alert" }, h("h2", {}, "Changed in another tab as well"), h("p", {}, "Both versions are safe. Which one shall this document have?"),
      h("div.row", {}, h("button.main", { type: "button", onclick: () => { this.base = current.revision; done(); this.keep(); } }, "This one"),
        h("button", { type: "button", onclick: () => { done(); this.take(current); } }, "The other one"),
        h("button", { type: "button", onclick: async () => { const made = await ask("/api/documents", { name: `${this.name} copy`, text: this.editor.text, from: "copy" }); done(); this.take(current); notice(`This version is now “${made.name}”.`, ["Open it", () => { location.href = `/edit/${made.name}`; }]); } }, "Keep both"))));
  }
  async save() { try { await this.keep(); await ask(`/api/documents/${this.name}/save`, {}); say("Saved to the file."); notice(`Saved to ${this.document.path}.`); } catch (error) { complain(error); } }
  async revert() { if (!confirm("Give up all your changes to this scenario?")) return; try { await ask(`/api/documents/${this.name}`, undefined, { method: "DELETE" }); localStorage.removeItem(this.draftKey); this.kept = this.editor.text; location.reload(); } catch (error) { complain(error); } }

  insert(section, piece) {
    const text = this.editor.text, lines = text.split("\n"), at = lines.findIndex((l) => l.startsWith(`${section}:`));
    if (at < 0) return this.editor.insert(`${text.endsWith("\n") ? "" : "\n"}\n${section}:\n${piece}`, text.length);
    let end = at + 1;
    while (end < lines.length && (/^\s/.test(lines[end]) || !lines[end].trim())) end++;
    while (end > at + 1 && !lines[end - 1].trim()) end--;
    this.editor.insert(piece, lines.slice(0, end).join("\n").length + 1);
  }

  async look() {
    const text = this.editor.text;
    try {
      const { outline, problems } = await ask("/api/examine", { document: this.name, text });
      if (text !== this.editor.text) return;
      this.editor.mark(problems);
      const errors = problems.filter((p) => p.severity === "error").length, others = problems.length - errors;
      this.count.className = `badge ${errors ? "bad" : "good"}`;
      this.count.textContent = errors ? `✕ ${errors} ${errors === 1 ? "error" : "errors"}` : others ? `✓ sound, ${others} ${others === 1 ? "warning" : "warnings"}` : "✓ sound";
      put(this.list, problems.slice(0, 40).map((p) => h("li", { class: p.severity }, h("button.link", { type: "button", onclick: () => this.editor.go(Math.max(1, p.line), p.column, p.length) }, `${p.line ? `line ${p.line}` : "the file"}: ${p.message}`), h("pre", { tabindex: 0, "aria-label": p.message }, p.block))), problems.length ? null : h("li.quiet", {}, "Nothing."));
      if (outline) this.describe(outline);
      else this.shape.classList.add("old");
    } catch (error) { complain(error); }
    put(this.sections, this.editor.text.split("\n").map((l, i) => [/^([a-z]+):/.exec(l)?.[1], i + 1]).filter(([k]) => k).map(([k, line]) => h("li", {}, h("button.link", { type: "button", onclick: () => this.editor.go(line) }, k))));
  }
  describe(o) {
    const picture = lanes(o, { why: () => {} });
    picture.element.querySelectorAll(".ask, .bar2, .reached").forEach((one) => one.remove());
    this.shape.classList.remove("old");
    put(this.shape, h("p.quiet", {}, `${o.players.length} players, ${o.parameters.length} parameters, ${o.regimes.length} regimes, ${o.claims.length} claims`), picture.element,
      h("dl.pairs.state", {}, o.factors.flatMap((f) => [h("dt", {}, f.label), h("dd", {}, f.levels.map((l) => l.ending ? `${l.label} (ends play)` : l.label).join(" · "))])));
  }
}
