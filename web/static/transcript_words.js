// The page's own words, which the server sent along, and small ways of writing things.

const root = document.getElementById('transcript-page');
const sentences = JSON.parse(root.dataset.sentences);

/** The sentence of a key, with its {placeholders} filled; what is no key is a sentence already. */
export function say(key, values = {}) {
  return (sentences[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Seconds as h:mm:ss. */
export function clock(seconds) {
  const n = Math.floor(seconds), two = (x) => String(x).padStart(2, '0');
  return `${Math.floor(n / 3600)}:${two(Math.floor(n / 60) % 60)}:${two(n % 60)}`;
}

/** An element with properties and children; properties with a dash are attributes. */
export function element(tag, properties = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name.includes('-') || name === 'role' || name === 'for' || name === 'list') e.setAttribute(name, value);
    else e[name] = value;
  }
  e.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

/** A button of the second rank. */
export function button(text, properties = {}) {
  return element('button', { type: 'button', className: 'quiet small ds-button', 'data-variant': 'secondary', ...properties }, text);
}
