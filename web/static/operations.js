// Brings what has changed of the page on operations, every few seconds while somebody looks and wants it.
const every = 5000; // ms
const follow = document.getElementById('follow');
const lost = document.getElementById('lost');
let timer = 0;

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
  try {
    const answer = await fetch(location.href);
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
  const wanted = follow.checked && document.visibilityState === 'visible';
  if (wanted) timer = setTimeout(look, every);
}

document.getElementById('following').hidden = false;
follow.addEventListener('change', () => (follow.checked ? look() : plan()));
document.addEventListener('visibilitychange', plan);
plan();
