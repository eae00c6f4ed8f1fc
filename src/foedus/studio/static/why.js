// Why a player acts so, here: the values of the actions, part by part, now and later.
import { ask, complain } from "./api.js";
import { h, number, openSide, put, share } from "./dom.js";

export async function openWhy(card, { document, text, outline, setting }) {
  const player = outline.players.find((p) => p.name === card.player);
  const situation = h("input", { type: "text", id: "situation", placeholder: "wherever this choice is made", list: "situations", autocomplete: "off", spellcheck: "false" });
  const period = h("input", { type: "number", id: "period", min: 0, max: 999, placeholder: "first" });
  const answer = h("div", { "aria-live": "polite" }, h("p.quiet", {}, "Working it out …"));
  const list = h("datalist", { id: "situations" }, outline.factors.flatMap((f) => f.levels.filter((l) => !l.ending).map((l) => h("option", { value: `${f.name} == ${l.name}` }))));
  openSide(`Why does ${player.label} act so?`,
    h("p.quiet", {}, card.label !== card.player ? `${card.label}. ` : "", "Everything below comes from the equilibrium at the present setting."),
    h("form.row", { onsubmit: (event) => { event.preventDefault(); look(); } }, h("label", { for: "situation" }, "where"), situation, list, h("label", { for: "period" }, outline.period), period, h("button.main", { type: "submit" }, "Ask")), answer);
  async function look() {
    put(answer, h("p.quiet", {}, "Working it out …"));
    try {
      const reason = await ask("/api/why", { document, text, setting, player: card.player, move: card.name, situation: situation.value || null, period: period.value === "" ? null : +period.value });
      put(answer, explained(reason));
    } catch (error) { if (error.kind && !error.superseded) put(answer, h("p.refused", {}, error.message)); else complain(error); }
  }
  await look();
}

export function explained(reason) {
  const acts = Object.entries(reason.actions).sort(([, a], [, b]) => b.probability - a.probability);
  const best = reason.contrasts[0];
  return [
    h("p.reason", {}, reason.text),
    h("div.scroll", { tabindex: 0, role: "group", "aria-label": "Actions" }, h("table", {}, h("caption", {}, "What each action is worth, in the player's own unit"), h("thead", {}, h("tr", {}, ["Action", "Chosen", "Worth", `This ${reason.calendar}`, "Later"].map((w, i) => h(i ? "th.num" : "th", { scope: "col" }, w)))),
      h("tbody", {}, acts.map(([name, one]) => { const now = sum(one.now), later = sum(one.later); return h("tr", {}, h("th", { scope: "row" }, reason.labels[name] || name), h("td.num", {}, share(one.probability)), h("td.num", {}, number(one.value)), h("td.num", {}, number(now)), h("td.num", {}, number(later))); })))),
    best ? [h("h3", {}, `Why ${reason.labels[best.preferred] || best.preferred} rather than ${reason.labels[best.alternative] || best.alternative}`), parts(best)] : null,
  ];
}

function parts(contrast) {
  const names = Object.keys(contrast.now), size = (n) => contrast.now[n] + contrast.later[n];
  const told = names.filter((n) => Math.abs(size(n)) > 1e-4).sort((a, b) => Math.abs(size(b)) - Math.abs(size(a)));
  const most = Math.max(...told.map((n) => Math.abs(size(n))), 1e-9);
  return h("table.parts", {}, h("caption", {}, `Speaks for it where positive; together ${number(contrast.difference)}`), h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Part"), h("th", { scope: "col" }, h("span.unseen", {}, "Size")), h("th.num", { scope: "col" }, "Difference"))),
    h("tbody", {}, told.map((n) => { const v = size(n), w = 50 * Math.abs(v) / most; return h("tr", {}, h("th", { scope: "row" }, n), h("td.diverge", { "aria-hidden": "true" }, h("span", { class: v > 0 ? "gain" : "loss", style: `width:${w}%;${v > 0 ? "left:50%" : `left:${50 - w}%`}` })), h("td.num", { class: v > 0 ? "num up" : "num down" }, `${v > 0 ? "+" : ""}${number(v)}`)); })));
}
const sum = (o) => Object.values(o).reduce((a, b) => a + b, 0);
