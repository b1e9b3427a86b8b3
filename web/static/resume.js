// Recordings that an earlier page could not bring to their end: the rest is sent as soon as a page is opened again.
import * as keep from './keep.js';
import { Sender, Over } from './sender.js';

const place = document.getElementById('unsent');
const DEAD = 7 * 24 * 3600 * 1000; // milliseconds after which the server takes nothing more of a recording

function tell(key, meeting) {
  const p = document.createElement('p');
  p.textContent = place.dataset[key] + ' ';
  if (meeting) {
    const a = document.createElement('a');
    a.href = '/meetings/' + meeting;
    a.textContent = place.dataset.open;
    p.append(a);
  }
  place.replaceChildren(p);
  place.hidden = false;
}

async function bring(recording) {
  if (!recording.url && !(await keep.pieces(recording.id)).length) return keep.forget(recording.id);
  const sender = await Sender.resume(recording, { onState: (state) => state !== 'sent' && tell('sending', recording.meeting) });
  try {
    tell('sent', await sender.done);
  } catch (error) {
    if (!(error instanceof Over)) throw error;
    tell(error.why === 'refused' ? 'refused' : 'over', error.why === 'finished' && recording.meeting);
  }
}

for (const recording of await keep.recordings().catch(() => [])) {
  if (Date.now() - recording.began > DEAD) keep.forget(recording.id);
  else if (recording.user === place.dataset.user) {
    // Held by the page that records; what is free was left.
    navigator.locks?.request('referent-' + recording.id, { ifAvailable: true }, (lock) => lock && bring(recording));
  }
}
