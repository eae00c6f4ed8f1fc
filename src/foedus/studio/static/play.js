// Taking a seat: options, what each was worth in hindsight, and the path among equilibrium paths.
import { ask, complain, on, tab } from "./api.js";
import { by, download, h, number, put, s, say, share } from "./dom.js";
import { ladder } from "./ladder.js";

export async function show(main, document_) {
  const { outline } = await ask("/api/examine", { document: document_.name, text: document_.text });
  if (!outline) return put(main, h("div.wait", {}, h("h1", {}, "This scenario has errors"), h("a.button", { href: `/edit/${document_.name}` }, "Open the editor")));
  const table = new Table(main, document_, outline), id = new URLSearchParams(location.hash.slice(1)).get("game");
  if (id) await table.open(id); else await table.setup();
}

class Table {
  constructor(main, document_, outline) {
    Object.assign(this, { main, document: document_, outline, holder: null });
    this.players = Object.fromEntries(outline.players.map((p, i) => [p.name, { ...p, own: `var(--fig-player-${(i % 6) + 1})` }]));
    on("game", (news) => { if (news.tab !== tab && news.id === this.game?.id) this.open(news.id); });
  }
  words(move, action) { for (const m of this.outline.moves) if (m.name === move) for (const a of m.actions) if (a.name === action) return a.label || a.name; return action; }
  moveLabel(name) { const move = this.outline.moves.find((m) => m.name === name); return move && move.label !== move.player ? move.label : ""; }
  who(player) { return player ? this.players[player]?.label || player : "Chance"; }

  async setup() {
    const o = this.outline;
    const { games } = await ask("/api/games");
    const mine = games.filter((g) => g.document === this.document.name);
    const seats = o.players.map((p, i) => { const box = h("input", { type: "checkbox", name: "seat", value: p.name, id: `seat-${p.name}`, checked: i === 0 }); return h("label.check.seat", { style: `--own:${this.players[p.name].own}`, for: box.id }, box, p.label); });
    const pick = (id, list, words) => list.length > 1 ? h("div.field", {}, h("label", { for: id }, words), h("select", { id }, list.map((one) => h("option", { value: one.name }, one.label)))) : null;
    const seed = h("input", { type: "number", id: "seed", min: 0, max: 999999, value: Math.floor(Math.random() * 10000) });
    const begin = async (event) => {
      event.preventDefault();
      const chosen = [...this.main.querySelectorAll("[name=seat]:checked")].map((b) => b.value);
      if (!chosen.length) return say("Choose a seat.");
      const button = by("begin"); button.disabled = true; button.textContent = "Setting the table …";
      try {
        const { game, position } = await ask("/api/games", { document: this.document.name, setting: { regime: by("regime")?.value || null }, seats: chosen, start: by("start")?.value || o.starts[0].name, seed: +seed.value || 0 });
        location.hash = `game=${game.id}`; this.holder = chosen.length > 1 ? null : chosen[0];
        this.draw(game, position);
      } catch (error) { complain(error); button.disabled = false; button.textContent = "Begin"; }
    };
    put(this.main, h("div.narrow", {}, h("h1", {}, o.title), h("p.summary", {}, "Take a seat. All others play their equilibrium; you see what your options were worth when it is too late, and at the end what your choices have forgone."),
      h("form.card", { onsubmit: begin }, h("fieldset.seats", {}, h("legend", {}, "Who do you play? More than one share this screen."), seats), pick("regime", o.regimes, "Rules in force"), pick("start", o.starts, "Where play begins"),
        h("div.field", {}, h("label", { for: "seed" }, "Luck"), seed, h("small", {}, "The same number brings the same luck.")), h("button.main", { type: "submit", id: "begin" }, "Begin")),
      mine.length ? h("section", { "aria-labelledby": "h-games" }, h("h2", { id: "h-games" }, "Games on your desk"), h("ul.plain", {}, mine.slice(0, 12).map((g) => h("li.row", {}, h("button.link", { type: "button", onclick: () => { location.hash = `game=${g.id}`; this.open(g.id); } }, `${g.seats.map((x) => this.who(x)).join(", ")}, ${g.choices.length} choices, ${new Date(g.made * 1000).toLocaleString()}`), h("button.link", { type: "button", "aria-label": "Remove this game", onclick: async (e) => { await ask(`/api/games/${g.id}`, undefined, { method: "DELETE" }); e.target.closest("li").remove(); } }, "remove"))))) : null));
  }
  async open(id) { try { const { game, position } = await ask(`/api/games/${id}`); if (game.seats.length === 1) this.holder = game.seats[0]; this.draw(game, position); } catch (error) { complain(error); history.replaceState(null, "", "#"); await this.setup(); } }
  async move(body) {
    this.main.querySelectorAll(".options button").forEach((b) => { b.disabled = true; });
    try { const { game, position } = await ask(`/api/games/${this.game.id}`, { at: this.game.choices.length, ...body }); this.draw(game, position); } catch (error) { complain(error); await this.open(this.game.id); }
  }

  draw(game, p) {
    this.game = game; this.position = p;
    const o = this.outline, seats = game.seats, shared = seats.length > 1, turn = p.turn;
    const curtain = shared && turn && this.holder !== turn.player;
    const here = p.states[p.states.length - 1];
    const regime = o.regimes.find((r) => r.name === (game.setting.regime || o.regimes[0].name));
    const coach = h("input", { type: "checkbox", id: "coach", checked: this.coach, onchange: () => { this.coach = coach.checked; this.draw(this.game, this.position); } });
    put(this.main, h("div.table", {},
      h("div.title", {}, h("h1", {}, o.title), h("p.summary", {}, `You play ${seats.map((x) => this.who(x)).join(" and ")} · ${regime.label} · luck ${game.seed}`)),
      h("div.row", {}, h("button", { type: "button", onclick: () => { location.hash = ""; history.replaceState(null, "", location.pathname); this.setup(); } }, "Leave the table"), h("button", { type: "button", id: "log", onclick: () => this.log() }, "Game log"), game.choices.length ? h("button", { type: "button", onclick: () => this.move({ back: true, at: game.choices.length - 1 }) }, "Take back") : null, h("label.check.push", {}, coach, "tell me the worth beforehand")),
      curtain ? this.curtain(turn) : turn ? this.choice(turn, here) : this.end(p),
      curtain ? null : h("section.card", { "aria-labelledby": "h-so-far" }, h("h2", { id: "h-so-far" }, "So far"), p.steps.length ? this.story(p) : h("p.quiet", {}, "Nothing has happened yet.")),
      h("section.card", { "aria-labelledby": "h-path" }, h("h2", { id: "h-path" }, "Your path among the equilibrium paths"), h("p.quiet", {}, "Shaded: how likely equilibrium play is to stand there. The line: this game."), h("div.ladders", {}, o.factors.filter((f) => p.states.some((x) => x.levels[f.name])).slice(0, 4).map((f) => this.path(f, p))))));
    (by("main").querySelector("[data-first]") || by("main")).focus({ preventScroll: true });
    if (turn && !curtain) say(`${this.who(turn.player)} is to choose.`);
  }
  curtain(turn) { return h("section.card.curtain", {}, h("h2", {}, `Pass the screen to ${this.who(turn.player)}`), h("p", {}, "What was done at the same time stays hidden."), h("button.main", { type: "button", "data-first": true, onclick: () => { this.holder = turn.player; this.draw(this.game, this.position); } }, `I am ${this.who(turn.player)}`)); }
  choice(turn, here) {
    const best = Math.max(...turn.options.map((x) => x.value));
    return h("section.card.choice", { style: `--own:${this.players[turn.player].own}`, "aria-labelledby": "h-choice" },
      h("header", {}, h("h2", { id: "h-choice" }, `${this.who(turn.player)} chooses`), h("span.quiet", {}, `${this.outline.period} ${turn.period + 1} of ${this.position.periods}`), this.moveLabel(turn.move) ? h("span.quiet", {}, this.moveLabel(turn.move)) : null),
      h("p.situation", {}, Object.entries(here.levels).map(([f, l]) => { const factor = this.outline.factors.find((x) => x.name === f); return h("span.chip", {}, h("span", {}, factor.label), h("b", {}, factor.levels.find((x) => x.name === l)?.label || l)); })),
      h("div.options", {}, turn.options.map((option, i) => h("button", { type: "button", "data-first": i === 0 ? true : null, "data-action": option.action, onclick: () => this.move({ action: option.action }) }, h("b", {}, this.words(turn.move, option.action)), this.coach ? h("span.quiet", {}, option.value === best ? "worth most" : `worth ${number(best - option.value)} less`, ` · equilibrium ${share(option.probability)}`) : null))));
  }
  story(p) {
    const periods = [...new Set(p.steps.map((x) => x.period))].reverse();
    return h("ol.story", {}, periods.map((t) => h("li", {}, h("h3", {}, `${this.outline.period} ${t + 1}`), h("ul", {}, p.steps.filter((x) => x.period === t).map((x) => h("li", { class: x.person ? "own" : "", style: x.player ? `--own:${this.players[x.player].own}` : null },
      h("b", {}, this.who(x.player)), " ", this.words(x.move, x.action), x.options.length && !x.person ? h("span.quiet", {}, ` (${share(x.options.find((q) => q.action === x.action)?.probability)} of the time)`) : null,
      x.person ? h("span.hindsight", {}, [...x.options].sort((a, b) => b.value - a.value).map((q, i) => h("span", { class: q.action === x.action ? "taken" : "" }, i ? " · " : "in hindsight: ", this.words(x.move, q.action), " ", number(q.value))), x.forgone > 1e-6 ? h("b.down", {}, ` forgone ${number(x.forgone)}`) : h("b.up", {}, " the best there was")) : null))))));
  }
  path(factor, p) {
    const levels = p.course.levels[factor.name], names = p.states.map((x) => x.levels[factor.name]);
    const { drawing, summary } = ladder(factor, levels, this.outline.period, { path: names, room: Math.min(480, this.main.clientWidth - 40) });
    return h("figure", {}, h("h3", {}, factor.label), h("div.scroll", { tabindex: 0, role: "group", "aria-label": factor.label }, drawing), h("figcaption", {}, `${summary} This game: ${names.filter(Boolean).map((l) => factor.levels.find((x) => x.name === l)?.label || l).join(", ")}.`));
  }
  end(p) {
    const last = p.states[p.states.length - 1];
    return h("section.card.end", { "aria-labelledby": "h-end", tabindex: "-1", "data-first": true }, h("h2", { id: "h-end" }, last.ending ? `It ended: ${this.outline.factors.flatMap((f) => f.levels).find((l) => l.name === last.label)?.label || last.label}` : "Play is over"),
      h("dl.pairs", {}, Object.entries(p.total).flatMap(([player, total]) => [h("dt", {}, this.who(player)), h("dd", {}, number(total))])),
      this.game.seats.map((seat) => { const b = p.paths[seat]; return h("div.verdictbox", {}, h("h3", {}, this.who(seat)), h("p", { "data-regret": seat }, "Your choices have forgone ", h("b", {}, number(p.regret[seat])), ", each judged on what you knew. Equilibrium play would have forgone ", number(p.steps.filter((x) => x.player === seat && x.person).reduce((n, x) => n + x.usual, 0)), " at the same places on average."), h("p", {}, `You did better than ${share(b.below)} of 2,000 games of equilibrium play from the same start (median ${number(b.median)}).`), histogram(b, this.who(seat))); }),
      h("div.row", {}, h("button.main", { type: "button", onclick: () => { location.hash = ""; history.replaceState(null, "", location.pathname); this.setup(); } }, "Another game")));
  }
  log() {
    const { game, position } = this, { course, paths, ...rest } = position;
    download(`${this.document.name}-game-${game.id}.json`, JSON.stringify({ scenario: this.document.name, sha256: game.sha256, setting: game.setting, seats: game.seats, start: game.start, seed: game.seed, choices: game.choices, ...rest }, null, 1), "application/json");
  }
}

function histogram(b, who) {
  const w = 440, hgt = 90, most = Math.max(...b.counts), n = b.counts.length, low = b.edges[0], high = b.edges[n];
  const at = (v) => 8 + (w - 16) * (Math.min(Math.max(v, low), high) - low) / (high - low || 1);
  return s("svg", { viewBox: `0 0 ${w} ${hgt}`, role: "img", class: "ladder histogram", "aria-label": `Payoffs of ${who} in equilibrium play, and this game's ${number(b.own)}` },
    b.counts.map((c, i) => s("rect", { x: at(b.edges[i]) + 0.5, width: Math.max(1, (w - 16) / n - 1), y: 66 - 58 * c / most, height: 58 * c / most, class: "heat-2" })),
    s("line", { x1: at(b.own), x2: at(b.own), y1: 2, y2: 70, class: "path" }), s("text", { x: 8, y: 84, class: "muted" }, number(low)), s("text", { x: w - 8, y: 84, "text-anchor": "end", class: "muted" }, number(high)), s("text", { x: Math.min(Math.max(at(b.own), 40), w - 40), y: 84, "text-anchor": "middle", class: "ink strong" }, `you ${number(b.own)}`));
}
