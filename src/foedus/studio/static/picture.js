// The situation as a picture: one period, move by move, in the lanes of its players.
import { h, share } from "./dom.js";

// The moves of one name are one card, whatever the cases it is made in.
export function cards(outline) {
  const found = [];
  for (const move of outline.moves) {
    const known = found.find((card) => card.name === move.name);
    if (known) known.cases.push(move);
    else found.push({ ...move, cases: [move] });
  }
  return found;
}

const mean = (doing, action) => doing.made > 1e-9 ? doing.actions[action] / doing.made : null;

export function lanes(outline, { why }) {
  const players = outline.players, at = Object.fromEntries(players.map((p, i) => [p.name, i]));
  const grid = h("ol.lanes", { style: `--n:${players.length}`, "aria-label": `One ${outline.period}, move by move` });
  const bars = {};
  cards(outline).forEach((card, i) => {
    const chance = card.kind === "chance", lane = chance ? null : at[card.player];
    const names = [...new Map(card.cases.flatMap((one) => one.actions).map((a) => [a.name, a.label || a.name])).entries()];
    bars[card.name] = {};
    const list = h("ul.acts", {}, names.map(([name, label]) => {
      const fill = h("span.fill"), ghost = h("span.ghost", { hidden: true }), value = h("span.num");
      bars[card.name][name] = { fill, ghost, value };
      return h("li", {}, h("span.what", {}, label), value, h("span.bar2", { "aria-hidden": "true" }, fill, ghost));
    }));
    const who = chance ? "Chance" : players[lane].label;
    const open = chance ? null : h("button.link.ask", { type: "button", "data-move": card.name, onclick: () => why(card), "aria-label": `Why does ${who} act so at ${card.label}?` }, "why?");
    const cases = card.cases.map((one) => one.when).filter(Boolean);
    const reached = h("span.reached.quiet");
    bars[card.name].reached = reached;
    grid.append(h("li.move", { class: chance ? "move chance" : "move", style: chance ? null : `--lane:${lane + 1};--own:var(--fig-player-${(lane % 6) + 1})`, "data-move": card.name },
      h("div.who", {}, h("span.step", { "aria-hidden": "true" }, i + 1), h("strong", {}, who), card.label !== card.player && card.label !== card.name ? h("span", {}, card.label) : null, open),
      cases.length ? h("p.when", {}, "when ", cases.slice(0, 3).map((text, j) => [j ? " or " : "", h("code", {}, text.length > 60 ? `${text.slice(0, 58)}…` : text)])) : null,
      card.hidden ? h("p.when", {}, "others do not see it at once") : null, list, reached));
  });
  const heads = h("div.heads", { style: `--n:${players.length}`, "aria-hidden": "true" }, players.map((p, i) => h("span", { style: `--own:var(--fig-player-${(i % 6) + 1})` }, p.label)));
  const update = (course, pinned) => {
    for (const [move, acts] of Object.entries(bars)) {
      const doing = course?.moves[move], other = pinned?.moves[move];
      acts.reached.textContent = doing ? `made in ${doing.made >= 0.05 ? doing.made.toFixed(1) : "hardly any"} of ${course.periods} ${outline.period}s` : "";
      for (const [name, parts] of Object.entries(acts)) {
        if (name === "reached") continue;
        const p = name in (doing?.actions || {}) ? mean(doing, name) : null, q = name in (other?.actions || {}) ? mean(other, name) : null;
        parts.fill.style.width = `${100 * (p ?? 0)}%`;
        parts.value.textContent = doing ? (p === null ? "–" : share(p)) : "";
        parts.ghost.hidden = q === null;
        if (q !== null) parts.ghost.style.left = `${100 * q}%`;
      }
    }
  };
  return { element: h("div", {}, heads, grid), update };
}
