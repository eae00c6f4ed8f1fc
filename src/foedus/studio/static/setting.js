// A setting: what is turned about a scenario; its place in the address, and its history.
const WORDS = ["regime", "variant", "start", "convention"];

export const empty = () => ({ regime: null, variant: null, start: null, precision: null, convention: null, values: {} });
export const copy = (setting) => ({ ...setting, values: { ...setting.values } });
export const same = (a, b) => JSON.stringify(tidy(a)) === JSON.stringify(tidy(b));
export const tidy = (setting) => {
  const values = Object.fromEntries(Object.entries(setting.values).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...empty(), ...setting, values };
};

export function write(setting, extra = {}) {
  const found = new URLSearchParams();
  for (const word of WORDS) if (setting[word]) found.set(word, setting[word]);
  if (setting.precision !== null) found.set("precision", +setting.precision.toPrecision(6));
  for (const [name, value] of Object.entries(tidy(setting).values)) found.set(`p.${name}`, +value.toPrecision(6));
  for (const [key, value] of Object.entries(extra)) if (value) found.set(key, value);
  return found.toString();
}

export function read(text) {
  const given = new URLSearchParams(text), setting = empty(), extra = {};
  for (const [key, value] of given) {
    if (WORDS.includes(key)) setting[key] = value;
    else if (key === "precision" && Number.isFinite(+value)) setting.precision = +value;
    else if (key.startsWith("p.") && Number.isFinite(+value)) setting.values[key.slice(2)] = +value;
    else extra[key] = value;
  }
  return { setting, extra };
}

// Only what the scenario knows stays; a value outside its range moves to the nearest end.
export function fitting(setting, outline) {
  const found = copy(setting), names = (list) => list.map((one) => one.name);
  if (!names(outline.regimes).includes(found.regime)) found.regime = null;
  if (!names(outline.variants).includes(found.variant)) found.variant = null;
  if (!names(outline.starts).includes(found.start)) found.start = null;
  if (!["expected", "shock"].includes(found.convention)) found.convention = null;
  for (const name of Object.keys(found.values)) {
    const range = rangeOf(outline.parameters.find((one) => one.name === name), found.regime || outline.regimes[0].name);
    if (!range || range.low === range.high) delete found.values[name];
    else found.values[name] = Math.min(range.high, Math.max(range.low, found.values[name]));
  }
  if (found.precision !== null) found.precision = Math.min(outline.precision.high, Math.max(outline.precision.low, found.precision));
  return found;
}

export function rangeOf(parameter, regime) {
  return parameter && { low: parameter.low, high: parameter.high, value: parameter.value, ...(parameter.regimes?.[regime] || {}) };
}

// Words for what is changed against the file.
export function changes(setting, outline) {
  const label = (list, name) => list.find((one) => one.name === name)?.label || name;
  return [
    label(outline.regimes, setting.regime || outline.regimes[0].name),
    setting.variant && label(outline.variants, setting.variant),
    setting.precision !== null && `precision ${+setting.precision.toPrecision(3)}`,
    setting.convention && setting.convention !== outline.convention && `${setting.convention} values`,
    ...Object.entries(setting.values).map(([name, value]) => `${name} ${+value.toPrecision(3)}`),
  ].filter(Boolean).join(", ");
}

export class History {
  constructor(first) { this.past = []; this.now = first; this.future = []; }
  go(next) { if (same(next, this.now)) return false; this.past.push(this.now); if (this.past.length > 200) this.past.shift(); this.now = next; this.future = []; return true; }
  undo() { if (!this.past.length) return false; this.future.push(this.now); this.now = this.past.pop(); return true; }
  redo() { if (!this.future.length) return false; this.past.push(this.now); this.now = this.future.pop(); return true; }
}
