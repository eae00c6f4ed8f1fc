// Which view the address names, and what all views share: the bar, the theme, the document.
import { ask, complain, on } from "./api.js";
import { by, h, put } from "./dom.js";

const VIEWS = { explore: "Explore", question: "Question", edit: "Edit", play: "Play" };
const [, view, name] = location.pathname.split("/").map(decodeURIComponent);

function bar() {
  const link = (href, words, current) => h("a", { href, "aria-current": current ? "page" : null }, words);
  const links = name ? Object.entries(VIEWS).map(([key, words]) => link(`/${key}/${encodeURIComponent(name)}`, words, key === view)) : [link("/", "Scenarios", !view)];
  put(by("views"), links, link("/runs", "Runs", view === "runs"));
  const dark = () => document.documentElement.dataset.theme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  const theme = h("button.icon", { type: "button", id: "theme", onclick: () => {
    localStorage.theme = document.documentElement.dataset.theme = dark() ? "light" : "dark";
    theme.setAttribute("aria-label", label()); dispatchEvent(new Event("theme"));
  } }, "◐");
  const label = () => `Change to the ${dark() ? "light" : "dark"} theme`;
  theme.setAttribute("aria-label", label()); theme.title = label();
  by("tools").append(theme);
}

async function start() {
  if (localStorage.theme) document.documentElement.dataset.theme = localStorage.theme;
  bar();
  const main = by("main");
  try {
    if (!view) return (await import("./home.js")).show(main);
    if (view === "runs") return (await import("./runs.js")).show(main);
    const [module, document_] = await Promise.all([import(`./${view}.js`), ask(`/api/documents/${encodeURIComponent(name)}`)]);
    document.title = `${VIEWS[view]}: ${name} – foedus studio`;
    await module.show(main, document_);
  } catch (error) {
    put(main, h("div.wait", {}, h("h1", {}, "This cannot be shown"), h("p", {}, error.message), h("p", {}, h("a", { href: "/" }, "All scenarios"))));
    if (!error.status) console.error(error);
  }
}
on("open", () => {});
addEventListener("unhandledrejection", (event) => complain(event.reason));
start();
