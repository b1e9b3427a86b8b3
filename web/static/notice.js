// Tells whoever looks at any page that a meeting of theirs is ready, or was stopped by a fault: on the page, in the
// title, and, where they turned it on in this browser, by the system, without title or name.
import { watch } from './events.js';

const place = document.getElementById('notices');
const say = JSON.parse(place.dataset.say);
const user = document.body.dataset.user;
const usual = document.title;
const fill = (key, values) => say[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const UNSEEN = 'referent.unseen', NOTIFY = 'referent.notify.' + user;
const stored = (store, key) => { try { return store().getItem(key); } catch { return null; } };
const put = (store, key, value) => { try { store().setItem(key, value); } catch { /* for this page only, then */ } };
const session = () => sessionStorage, local = () => localStorage;

/** What this tab has told and nobody has looked at, by meeting: whether the system was to tell it, too. Ids only. */
const unseen = new Map(read());
let here = 0; // of the meeting that the page is about, while nobody looks

function read() {
  const kept = JSON.parse(stored(session, UNSEEN) ?? 'null');
  return kept?.user === user ? kept.list : [];
}

function keep() {
  put(session, UNSEEN, JSON.stringify({ user, list: [...unseen] }));
  const count = place.children.length + here;
  document.title = count ? `(${count}) ${usual}` : usual;
}

function drop(meeting) {
  unseen.delete(meeting);
  [...place.children].find((n) => n.dataset.meeting === meeting)?.remove();
  keep();
}

// notice is one meeting's. Its link is the sentence, which is what a list of links reads aloud.
function notice(meeting, failed) {
  const title = meeting.title || say.untitled;
  const box = document.createElement('div');
  box.className = 'ds-alert notice-box';
  box.dataset.color = failed ? 'danger' : 'success';
  box.dataset.meeting = meeting.id;
  const link = document.createElement('a');
  link.className = 'ds-link';
  link.href = '/meetings/' + meeting.id;
  link.textContent = fill(failed ? 'failed' : 'ready', { title });
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'ds-button';
  close.dataset.variant = 'tertiary';
  close.textContent = '×';
  close.setAttribute('aria-label', fill('close', { title }));
  close.addEventListener('click', () => drop(meeting.id));
  box.append(link, close);
  return box;
}

// tell shows how it went with a meeting, if it is the person's own.
async function tell(id) {
  const answer = await fetch('/api/v1/meetings/' + id).catch(() => null);
  if (!answer) return; // the page goes, and the next one tells it
  const meeting = answer.ok ? await answer.json() : null;
  if (meeting?.owner !== user) return drop(id);
  const failed = meeting.state === 'failed' || meeting.failure?.stage === 'minutes';
  if (!failed && !['draft', 'reviewed'].includes(meeting.state)) return drop(id); // it is worked on again
  const news = unseen.get(id);
  if (news) {
    unseen.set(id, false);
    notify(id, failed);
  }
  if (location.pathname.startsWith('/meetings/' + id)) { // the page shows it itself
    drop(id);
    here = news && !document.hasFocus() ? 1 : 0;
  } else {
    [...place.children].find((n) => n.dataset.meeting === id)?.remove();
    place.append(notice(meeting, failed));
  }
  keep();
}

function notify(id, failed) {
  if (!on() || document.hasFocus()) return;
  try {
    const shown = new Notification(say[failed ? 'system.failed' : 'system.ready'], { tag: 'referent-' + id }); // the same in all tabs is one
    shown.addEventListener('click', () => {
      window.focus();
      location.assign('/meetings/' + id);
    });
  } catch { /* some browsers have notifications for installed pages alone */ }
}

addEventListener('focus', () => {
  here = 0;
  keep();
});

const states = new Map();
watch((event, type) => {
  if (!['state', 'progress', 'failed'].includes(type)) return;
  const before = states.get(event.meeting);
  states.set(event.meeting, event.state);
  // A person who edits makes a meeting reviewed, too; only work that ends is told.
  const ended = type === 'failed' || type === 'state' && (event.state === 'draft' || event.state === 'reviewed' && before === 'transcribed');
  if (!ended) return;
  unseen.set(event.meeting, true);
  keep();
  tell(event.meeting);
}, { between: true });
for (const id of unseen.keys()) tell(id);

// The switch for the system's notifications. The browser asks the person when they turn it on, and not before.
const choice = document.getElementById('notify');
const on = () => 'Notification' in window && Notification.permission === 'granted' && stored(local, NOTIFY) === 'on';

function showChoice() {
  const denied = Notification.permission === 'denied';
  choice.querySelector('button').setAttribute('aria-pressed', String(on()));
  choice.querySelector('span').textContent = say[denied ? 'denied' : on() ? 'on' : 'off'];
  choice.hidden = false;
}

if (choice && 'Notification' in window && isSecureContext) {
  choice.querySelector('button').addEventListener('click', async () => {
    if (on()) put(local, NOTIFY, 'off');
    else if (await Notification.requestPermission() === 'granted') put(local, NOTIFY, 'on');
    showChoice();
  });
  showChoice();
}
