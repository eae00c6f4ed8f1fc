// A text field for scenarios: line numbers, colours, marks under what is wrong, completion.
import { ask } from "./api.js";
import { h, put } from "./dom.js";

// A mark of quotation within a word is an apostrophe, and a # within one no comment.
const PATTERN = /((?<!\S)#.*$)|((?<!\w)"(?:[^"\\]|\\.)*"?|(?<!\w)'[^']*'?)|^(\s*(?:- )*)([A-Za-z0-9_.-]+)(?=\s*:(?:\s|$))|([A-Za-z0-9_]+)(?=\s*:\s)|(\b\d+(?:\.\d+)?%?)/g;

function coloured(line) {
  const found = [];
  let end = 0;
  for (const match of line.matchAll(PATTERN)) {
    found.push(line.slice(end, match.index));
    const [all, comment, quoted, indent, key, inner, digits] = match;
    if (comment) found.push(h("i.c", {}, comment));
    else if (quoted) found.push(h("i.q", {}, quoted));
    else if (key) found.push(indent, h("i.k", {}, key));
    else if (inner) found.push(h("i.n", {}, inner));
    else found.push(h("i.d", {}, digits));
    end = match.index + all.length;
  }
  found.push(line.slice(end));
  return found.filter((part) => part !== "");
}

export class Editor {
  constructor(text, { onchange, name }) {
    this.problems = []; this.name = name;
    this.area = h("textarea", { id: "text", spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-label": "Scenario", "aria-describedby": "editor-help", "aria-autocomplete": "list", "aria-controls": "suggestions" });
    this.area.value = text;
    this.back = h("div.back", { "aria-hidden": "true" }); this.gutter = h("div.gutter", { "aria-hidden": "true" });
    this.list = h("ul.suggestions", { id: "suggestions", role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.element = h("div.editor", {}, this.gutter, h("div.sheet", {}, this.back, this.area, this.list), h("p.unseen", { id: "editor-help" }, "Control and space suggest what may be written here. Tab leaves the field."));
    this.area.addEventListener("input", (event) => { this.paint(); onchange(); if (event.inputType === "insertText" && /[\w]/.test(event.data || "")) this.suggestSoon(); else this.hide(); });
    this.area.addEventListener("scroll", () => this.align());
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
    this.lines = [];
    this.paint();
  }
  get text() { return this.area.value; }
  set text(text) { const { selectionStart: at, scrollTop } = this.area; this.area.value = text; this.area.setSelectionRange(at, at); this.area.scrollTop = scrollTop; this.paint(); }

  // Only lines that have changed are coloured anew, so that typing stays quick in long files.
  paint() {
    const lines = this.text.split("\n"), marks = new Map();
    for (const p of this.problems) if (p.line) (marks.get(p.line - 1) || marks.set(p.line - 1, []).get(p.line - 1)).push(p);
    const keys = lines.map((line, i) => line + "\u0000" + (marks.get(i) || []).map((p) => `${p.column}.${p.length}.${p.severity}`).join());
    let head = 0;
    while (head < keys.length && head < this.lines.length && keys[head] === this.lines[head]) head++;
    let tail = 0;
    while (tail < keys.length - head && tail < this.lines.length - head && keys[keys.length - 1 - tail] === this.lines[this.lines.length - 1 - tail]) tail++;
    const fresh = [];
    for (let i = head; i < keys.length - tail; i++) fresh.push(this.line(lines[i], marks.get(i)));
    for (let i = this.lines.length - tail - 1; i >= head; i--) this.back.children[i].remove();
    const after = this.back.children[head] || null;
    for (const one of fresh) this.back.insertBefore(one, after);
    this.lines = keys;
    if (this.gutter.childElementCount !== lines.length) put(this.gutter, lines.map((_, i) => h("span", {}, i + 1)));
    [...this.gutter.children].forEach((n, i) => { n.className = marks.has(i) ? (marks.get(i).some((p) => p.severity === "error") ? "error" : "warning") : ""; });
    this.align();
  }
  line(words, marks) {
    const row = h("div.line", {}, coloured(words), words ? "" : "\u200b");
    for (const p of marks || []) row.append(h("span.squiggle", { class: `squiggle ${p.severity}`, style: `left:${p.column - 1}ch;width:${Math.max(1, p.length)}ch` }));
    return row;
  }
  align() { this.back.style.transform = `translate(${-this.area.scrollLeft}px,${-this.area.scrollTop}px)`; this.gutter.style.transform = `translateY(${-this.area.scrollTop}px)`; }
  mark(problems) { this.problems = problems; this.paint(); }
  go(line, column = 1, length = 0) {
    const start = this.text.split("\n").slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0) + column - 1;
    this.area.focus(); this.area.setSelectionRange(start, start + length);
    this.area.scrollTop = Math.max(0, (line - 8) * this.height); this.align();
  }
  get height() { return parseFloat(getComputedStyle(this.area).lineHeight); }
  insert(text, at) { this.area.focus(); this.area.setSelectionRange(at, at); document.execCommand("insertText", false, text); }

  suggestSoon() { clearTimeout(this.soon); this.soon = setTimeout(() => this.suggest(), 120); }
  async suggest() {
    const at = this.area.selectionStart, text = this.text;
    try {
      const { start, suggestions } = await ask("/api/complete", { text, offset: at });
      if (this.area.selectionStart !== at || this.text !== text) return;
      const typed = text.slice(start, at);
      this.found = suggestions.filter((s) => s.text !== typed); this.from = start; this.at = this.asked ? 0 : -1; this.asked = false;
      if (!this.found.length) return this.hide();
      const before = text.slice(0, start), row = before.split("\n").length - 1, column = start - before.lastIndexOf("\n") - 1;
      this.list.style.top = `${(row + 1) * this.height + 8 - this.area.scrollTop}px`;
      this.list.style.left = `calc(${column}ch + 8px - ${this.area.scrollLeft}px)`;
      put(this.list, this.found.slice(0, 12).map((s, i) => h("li", { role: "option", id: `s-${i}`, "aria-selected": i === this.at ? "true" : "false", onmousedown: (event) => { event.preventDefault(); this.take(i); } }, h("b", {}, s.text), h("span", {}, s.means || s.kind))));
      this.list.hidden = false;
    } catch { this.hide(); }
  }
  hide() { clearTimeout(this.soon); this.list.hidden = true; this.area.removeAttribute("aria-activedescendant"); }
  take(i) {
    const { text } = this.found[i], at = this.area.selectionStart;
    this.area.setSelectionRange(this.from, at);
    document.execCommand("insertText", false, text);
    this.hide();
  }
  key(event) {
    if ((event.ctrlKey || event.metaKey) && event.code === "Space") { event.preventDefault(); this.asked = true; this.suggest(); return; }
    if (this.list.hidden) {
      if (event.key === "Enter" && !event.shiftKey) { // the next line begins where this one did
        const at = this.area.selectionStart, line = this.text.slice(this.text.lastIndexOf("\n", at - 1) + 1, at), indent = /^[ ]*/.exec(line)[0] + (/:\s*$/.test(line) ? "  " : "");
        if (indent) { event.preventDefault(); document.execCommand("insertText", false, `\n${indent}`); }
      }
      return;
    }
    const n = Math.min(12, this.found.length);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault(); this.at = (this.at + (event.key === "ArrowDown" ? 1 : n - 1) + n) % n;
      [...this.list.children].forEach((li, i) => li.setAttribute("aria-selected", i === this.at ? "true" : "false"));
      this.area.setAttribute("aria-activedescendant", `s-${this.at}`); this.list.children[this.at].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Escape") { event.stopPropagation(); this.hide(); }
    else if (event.key === "Tab" || (event.key === "Enter" && this.at >= 0)) { event.preventDefault(); this.take(Math.max(0, this.at)); }
    else if (event.key === "Enter") this.hide();
  }
}
