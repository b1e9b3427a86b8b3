// Tells whoever looks at any page that a meeting of theirs is ready, or was stopped by a fault: on the page, in the
// title, and, where they turned it on in this browser, by the system, without title or name.
import { watch, watchSession } from './events.js';

const place = document.getElementById('notices');
const fresh = document.getElementById('notices-new'); // what comes there is read aloud
const earlier = document.getElementById('notices-told');
const say = JSON.parse(place.dataset.say);
const boxes = () => [...place.querySelectorAll('[data-meeting]')];
const boxOf = (meeting) => boxes().find((n) => n.dataset.meeting === meeting);
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
  const count = boxes().length + here;
  document.title = count ? `(${count}) ${usual}` : usual;
}

function drop(meeting) {
  unseen.delete(meeting);
  const all = boxes(), at = all.findIndex((n) => n.dataset.meeting === meeting);
  const focused = all[at]?.contains(document.activeElement);
  all[at]?.remove();
  if (focused) ((all[at + 1] ?? all[at - 1])?.querySelector('button') ?? document.getElementById('content')).focus();
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

// tell shows how it went with a meeting of the person's own.
async function tell(id) {
  const answer = await fetch('/api/v1/meetings/' + id).catch(() => null);
  if (!answer || answer.status === 401 || answer.status >= 500) return; // the next page tells it
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
    const old = boxOf(id), focused = old?.contains(document.activeElement);
    old?.remove();
    const box = notice(meeting, failed);
    (news ? fresh : earlier).append(box);
    if (focused) box.querySelector('a').focus();
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
  if (!ended || !event.mine) return;
  unseen.set(event.meeting, true);
  keep();
  tell(event.meeting);
}, { between: true });
for (const id of unseen.keys()) tell(id);

// Once for each end of the session: a page that lies open looks as if it went on telling.
const signedOut = document.createElement('p');
signedOut.className = 'ds-alert notice-box';
signedOut.dataset.color = 'warning';
watchSession((signedIn) => {
  if (signedIn) return signedOut.remove();
  if (signedOut.isConnected) return;
  signedOut.textContent = say.signed_out;
  fresh.append(signedOut);
});

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
