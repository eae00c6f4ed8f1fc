// The first page: what is on the desk, the library, and ways to begin.
import { ask, complain } from "./api.js";
import { h, put } from "./dom.js";

const CITED = /^[a-z]+\d{4}-/;

export async function show(main) {
  document.title = "foedus studio";
  const { library, documents } = await ask("/api/gallery");
  const go = (name, view = "explore") => { location.href = `/${view}/${encodeURIComponent(name)}`; };
  const add = async (body, view) => { try { go((await ask("/api/documents", body)).name, view); } catch (error) { complain(error); } };
  const file = h("input.unseen", { type: "file", accept: ".yaml,.yml,text/*", id: "file", tabindex: "-1", "aria-label": "Scenario file", onchange: async () => {
    const chosen = file.files[0];
    if (!chosen) return;
    if (chosen.size > 1_000_000) return complain(new Error("A scenario may have 1 MB; this file is larger."));
    add({ name: chosen.name.replace(/\.ya?ml$/i, ""), text: await chosen.text(), from: "upload" }, "edit");
  } });
  const name = h("input", { type: "text", id: "name", maxlength: "60", placeholder: "A border crisis", required: true });
  const shelf = (id, words, list) => list.length ? h("section", { "aria-labelledby": id }, h("h2", { id }, words), h("ul.tiles", {}, list.map((one) => h("li.tile", { "data-name": one.name },
        h("h3", {}, h("a", { href: `/explore/${one.name}` }, one.title)), h("p", {}, one.summary),
        h("p.quiet", {}, [`${one.players} players`, one.claims ? `${one.claims} claims` : "", ...one.tags.slice(0, 3)].filter(Boolean).join(" · ")),
        h("div.row", {}, h("a.button", { href: `/play/${one.name}` }, "Take a seat"),
          h("button", { type: "button", onclick: () => add({ name: one.name, from: one.name }, "edit"), "aria-label": `Adapt ${one.title}` }, "Adapt")))))) : null;
  put(main,
    h("div.hero", {}, h("h1", {}, "Which argument shall we test?"),
      h("p.lead", {}, "Take a situation, move its assumptions, and see which claims about it survive. Ranges instead of invented numbers; every equilibrium is certified by independent code.")),
    documents.length ? h("section", { "aria-labelledby": "mine" }, h("h2", { id: "mine" }, "On your desk"),
      h("ul.tiles", {}, documents.map((one) => h("li.tile", {},
        h("h3", {}, h("a", { href: `/explore/${one.name}` }, one.name)),
        h("p.quiet", {}, `changed ${new Date(one.changed * 1000).toLocaleString()}${one.path ? ` · ${one.path}` : ""}`),
        h("div.row", {}, h("a.button", { href: `/edit/${one.name}` }, "Edit"), h("a.button", { href: `/question/${one.name}` }, "Question")))))) : null,
    shelf("library", "From the library", library.filter((one) => !CITED.test(one.name))), shelf("canon", "Models of the literature", library.filter((one) => CITED.test(one.name))),
    h("section.begin", { "aria-labelledby": "begin" }, h("h2", { id: "begin" }, "Begin your own"),
      h("form.row", { onsubmit: (event) => { event.preventDefault(); add({ name: name.value, from: "starter" }, "edit"); } },
        h("label", { for: "name" }, "What is it about?"), name, h("button.main", { type: "submit" }, "Write it"),
        h("span.quiet", {}, "or"), h("button", { type: "button", onclick: () => file.click() }, "Open a file"), file)));
}
