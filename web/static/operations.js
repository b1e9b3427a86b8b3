// Brings what has changed of the page on operations, every few seconds while somebody looks and wants it.
const every = 5000; // ms
const unused = 30 * 60 * 1000; // ms: a page that nobody uses must not keep its session alive for ever
const follow = document.getElementById('follow');
const lost = document.getElementById('lost');
let timer = 0;
let used = Date.now();

// take puts a part of the fresh page in the place of what stands there, unless the keyboard is within.
function take(fresh) {
  for (const part of document.querySelectorAll('[data-live]')) {
    const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!now || part.contains(document.activeElement) || part.innerHTML === now.innerHTML) continue;
    part.replaceChildren(...document.adoptNode(now).childNodes);
  }
}

async function look() {
  timer = 0;
  if (Date.now() - used > unused) return plan();
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(10000) });
    if (answer.redirected) return location.reload(); // signed out meanwhile
    if (!answer.ok) throw new Error(String(answer.status));
    take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  timer = 0;
  if (Date.now() - used > unused) follow.checked = false;
  const wanted = follow.checked && document.visibilityState === 'visible';
  if (wanted) timer = setTimeout(look, every);
}

for (const sign of ['pointermove', 'pointerdown', 'click', 'keydown', 'wheel']) document.addEventListener(sign, () => { used = Date.now(); }, { passive: true, capture: true });
document.getElementById('following').hidden = false;
follow.addEventListener('change', () => (follow.checked ? look() : plan()));
document.addEventListener('visibilitychange', plan);
plan();
