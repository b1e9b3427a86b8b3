// What the pages do beyond HTML: progress that moves by itself.
import { watch } from './events.js';
import { markNew } from './seen.js';

const texts = JSON.parse(document.body.dataset.texts);

// text fills the {placeholders} of a sentence that the server sent along.
export function text(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function showState(root, event) {
  const state = root.querySelector('.state');
  const label = text('web.state.' + event.state);
  if (state.textContent !== label) state.textContent = label;
  state.dataset.state = event.state;
  const bar = root.querySelector('progress');
  bar.value = Math.round(event.progress * 100);
  bar.hidden = !['uploading', 'received', 'prepared', 'transcribed'].includes(event.state);
}

// showOutlook says when it goes on, or why it does not.
function showOutlook(root, outlook) {
  const place = root.querySelector('.outlook');
  if (!place) return;
  place.textContent = outlook.text;
  place.classList.toggle('still', Boolean(outlook.still));
}

let listing = false, listAgain = false;

// refreshList brings the list as the server shows it now, and leaves the form beside it alone. The keyboard stays in
// the row where it is.
async function refreshList() {
  listAgain = true;
  if (listing) return;
  listing = true;
  while (listAgain) {
    listAgain = false;
    const answer = await fetch(location.href).catch(() => null);
    if (!answer) break; // the connection is gone, or the page goes
    if (!answer.ok || answer.redirected) return location.reload(); // signed out meanwhile
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('list');
    const focused = document.activeElement, row = focused?.closest('#list [data-meeting]');
    document.getElementById('list').replaceWith(document.adoptNode(fresh));
    markNew();
    const again = row && document.querySelector(`#list [data-meeting="${CSS.escape(row.dataset.meeting)}"]`);
    if (again) (again.querySelector(focused.localName) ?? again.querySelector('a')).focus({ preventScroll: true });
  }
  listing = false;
}

const meetings = document.getElementById('meetings');
if (meetings) {
  watch((event, type) => {
    const row = meetings.querySelector(`[data-meeting="${CSS.escape(event.meeting)}"]`);
    if (type === 'outlook') row && showOutlook(row, event);
    else if (type === 'deleted' || type === 'left') row?.remove();
    else if (row && ['progress', 'partial'].includes(type)) showState(row, event);
    else refreshList(); // there is more to show than a word
  });
}

let hearing = false, heardMore = false;
const still = new WeakSet(); // the places where a person has stopped the text

// hearLive shows what has been heard of a recording that is still arriving. A screen reader is told of new
// sentences only, not of those that may still change.
export async function hearLive(live) {
  if (hearing) {
    heardMore = true;
    return;
  }
  hearing = true;
  do {
    heardMore = false;
    const answer = await fetch(live.dataset.src).catch(() => null);
    const heard = answer?.ok && await answer.json().catch(() => null);
    if (heard && !still.has(live)) showLive(live, heard.segments);
  } while (heardMore);
  hearing = false;
}

// A person may stop the text, to read it or not to see it move; what comes meanwhile is shown when it goes on.
document.addEventListener('click', (e) => {
  const button = e.target.closest?.('.live button[data-go]');
  if (!button) return;
  const live = button.closest('.live'), stops = !still.has(live);
  if (stops) still.add(live); else still.delete(live);
  button.textContent = stops ? button.dataset.go : button.dataset.stop;
  if (!stops) hearLive(live);
});

function showLive(live, segments) {
  const said = live.querySelector('.said');
  const atEnd = said.scrollTop + said.clientHeight >= said.scrollHeight - 4;
  const settled = segments.filter((s) => !s.open);
  if (settled.length < said.children.length) said.replaceChildren(); // the server has forgotten its beginning
  for (const s of settled.slice(said.children.length)) {
    const p = document.createElement('p');
    p.textContent = s.text;
    p.classList.toggle('unsure', Boolean(s.doubtful));
    said.append(p);
  }
  live.querySelector('.open').textContent = segments.filter((s) => s.open).map((s) => s.text).join(' ');
  live.hidden = segments.length === 0;
  if (atEnd) said.scrollTop = said.scrollHeight; // whoever has scrolled back is left alone
}

const meeting = document.getElementById('meeting');
if (meeting) {
  // What cites a segment leads to it, where the transcript is.
  if (/^#s\d/.test(location.hash) && !document.getElementById(location.hash.slice(1)) && document.querySelector('.transcript')) {
    location.replace(`/meetings/${meeting.dataset.meeting}/transcript${location.hash}`);
  }
  // What was just changed is said once, and not when the page is loaded again.
  if (new URLSearchParams(location.search).has('changed')) history.replaceState(null, '', location.pathname + location.hash);
  const shown = meeting.querySelector('.state').dataset.state;
  const live = document.getElementById('live');
  if (live) hearLive(live);
  let leaving = false; // a form is on its way, whose answer is the page as it is then
  meeting.addEventListener('submit', () => { leaving = true; });
  // refresh shows the page as it is now, unless a person is writing a name: that is not taken from them.
  const refresh = () => {
    if (leaving) return;
    const names = [...meeting.querySelectorAll('.speakers input.name')];
    if (names.some((i) => i.value !== i.defaultValue) || meeting.querySelector('#speakers [role=alert]')) {
      document.getElementById('speakers-changed').hidden = false;
    } else {
      location.reload();
    }
  };
  watch((event, type) => {
    if (type === 'outlook') showOutlook(meeting, event);
    else if (type === 'deleted' || type === 'left') location.assign('/');
    else if (type === 'partial') live && hearLive(live);
    else if (event.state !== shown || type === 'state' || type === 'transcript' || type === 'minutes') refresh(); // there is more to show than a word
    else showState(meeting, event);
  }, { meeting: meeting.dataset.meeting });
  const audio = document.getElementById('audio');
  for (const button of meeting.querySelectorAll('.time')) {
    button.addEventListener('click', () => {
      audio.currentTime = Number(button.dataset.start);
      audio.play();
    });
  }
}
