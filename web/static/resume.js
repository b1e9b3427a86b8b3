// Recordings that an earlier page could not bring to their end: the rest is sent as soon as a page is opened again.
// One's own are never deleted unasked; what somebody else left in this browser is, after a while.
import * as keep from './keep.js';
import { Sender, Erased, SENT, REFUSED } from './sender.js';

const place = document.getElementById('unsent');
const OLD = 7 * 24 * 3600 * 1000; // milliseconds

function button(label, act) {
  const b = document.createElement('button');
  b.type = 'button';
  b.className = 'ds-button quiet';
  b.dataset.variant = 'secondary';
  b.textContent = label;
  b.addEventListener('click', act);
  return b;
}

// line is where one recording is told of. A sentence that stands there is not said again.
function line() {
  const p = document.createElement('p');
  place.append(p);
  return (key, ...more) => {
    place.hidden = false;
    if (p.dataset.key === key) return;
    p.dataset.key = key;
    p.replaceChildren(place.dataset[key], ...more.flatMap((m) => [' ', m]));
  };
}

function link(meeting) {
  const a = document.createElement('a');
  a.href = '/meetings/' + meeting;
  a.textContent = place.dataset.open;
  return a;
}

async function bring(recording) {
  if (!recording.url && !(await keep.pieces(recording.id)).length) return keep.forget(recording.id);
  const tell = line();
  let sent = 'sent';
  const sender = await Sender.resume(recording, {
    onState: (state, _, detail) => {
      if (state === REFUSED) tell('refused', detail ?? '', save, drop);
      else if (state !== SENT) tell('sending');
    },
    onApart: () => { sent = 'apart'; },
  });
  const save = button(place.dataset.save, () => keep.save(sender.file(), recording));
  const drop = button(place.dataset.delete, () => confirm(place.dataset.sure) && sender.drop());
  try {
    const meeting = await sender.done;
    if (meeting) tell(sent, link(meeting));
    else tell('deleted');
  } catch (error) {
    if (!(error instanceof Erased)) throw error;
    tell('erased');
  }
}

for (const recording of await keep.recordings().catch(() => [])) {
  const own = recording.user === place.dataset.user;
  // Held by the page that records; what is free was left.
  if (own) navigator.locks?.request('referent-' + recording.id, { ifAvailable: true }, (lock) => lock && bring(recording));
  else if (Date.now() - recording.began > OLD) keep.forget(recording.id);
}
