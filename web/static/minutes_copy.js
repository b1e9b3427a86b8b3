// @ts-check
// Copies the minutes as text, in the version that is on the page. Where the browser lets no page copy, as over plain
// http, the text is shown and marked, to be copied by hand. Without a script there is the file.

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error('the page has no ' + id);
  return found;
}

const PATIENCE = 20000; // milliseconds for the text to come

const said = byId('minutes-said'), failed = byId('minutes-failed'), box = byId('minutes-text'), label = byId('minutes-text-label');
const area = /** @type {HTMLTextAreaElement} */ (byId('minutes-text-area'));
let copying = false;

class Refused extends Error {
  /** @param {string} [sentence] the server's */
  constructor(sentence) {
    super('refused');
    this.sentence = sentence;
  }
}

/**
 * @param {string} address
 * @returns {Promise<string>}
 */
async function fetchText(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (answer?.ok) return answer.text();
  throw new Refused((await answer?.json().catch(() => null))?.detail);
}

/**
 * put gives the clipboard the promise of the text: Safari lets a page copy while it answers a press, and no more when
 * the text has come.
 * @param {Promise<string>} text
 */
async function put(text) {
  if (typeof ClipboardItem === 'undefined') return navigator.clipboard.writeText(await text);
  const plain = text.then((t) => new Blob([t], { type: 'text/plain' }));
  plain.catch(() => {}); // whoever waits for the text tells it
  await navigator.clipboard.write([new ClipboardItem({ 'text/plain': plain })]);
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const say = button.dataset;
  const text = fetchText(say.src ?? '');
  said.textContent = ''; // what is told once more is read aloud once more
  failed.hidden = true;
  try {
    await put(text);
    said.textContent = say.copied ?? '';
  } catch {
    try {
      show(await text, say.label ?? '');
      said.textContent = say.refused ?? '';
    } catch (e) {
      failed.textContent = e instanceof Refused && e.sentence || (say.failed ?? '');
      failed.hidden = false;
    }
  }
}

/**
 * show lets the person copy the text: it gets the keyboard, unless the person has gone on to something else while the
 * text came, and is marked when it has it.
 * @param {string} text
 * @param {string} called
 */
function show(text, called) {
  label.textContent = called;
  area.value = text;
  box.hidden = false;
  const at = document.activeElement;
  if (at === document.body || at?.closest('.copy')) area.focus();
}

function mark() {
  area.select();
  area.scrollTop = 0;
}

function hide() {
  box.hidden = true;
  area.value = '';
  said.textContent = '';
  (/** @type {HTMLElement | null} */ (document.querySelector('.copy button')) ?? byId('minutes-title')).focus();
}

byId('minutes-page').addEventListener('click', async (e) => {
  const button = /** @type {Element} */ (e.target).closest('.copy button');
  if (!(button instanceof HTMLButtonElement) || copying) return;
  copying = true;
  button.setAttribute('aria-busy', 'true');
  await copy(button);
  button.removeAttribute('aria-busy');
  copying = false;
});
area.addEventListener('focus', mark);
byId('minutes-text-close').addEventListener('click', hide);
box.addEventListener('keydown', (e) => { if (e.key === 'Escape') hide(); });
