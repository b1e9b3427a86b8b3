// The page that records: what is heard goes to the server while it is heard.
import { watch } from './events.js';
import { hearLive } from './referent.js';
import { metadataOf } from './form.js';
import * as keep from './keep.js';
import { Sender, OFFLINE, SIGNED_OUT, FULL, REFUSED } from './sender.js';
import { Capture, possible, canShare, microphones } from './capture.js';

const SILENT = 0.17;       // of the meter: -50 dB
const SILENT_AFTER = 6000; // milliseconds

const byId = (id) => document.getElementById(id);
const page = byId('record');
const form = byId('record-form');
const say = JSON.parse(page.dataset.say);
const icon = document.querySelector('link[rel=icon]');
const usual = { title: document.title, icon: icon.href };

/** @type {Capture} */
let capture;
/** @type {Sender} */
let sender;
let state = 'ready';
let heard = 0; // when something was last heard
let lock;      // that the screen stays on
let asked;     // that it stops: a person did
let current;   // id of the newest recording; an older one that cannot be sent stays in the browser
let followed;  // its meeting, once there is one
let cancelled; // its meeting was, by somebody

function show(next) {
  state = next;
  page.dataset.state = next;
  for (const part of page.querySelectorAll('[data-in]')) part.hidden = !part.dataset.in.split(' ').includes(next);
  if (cancelled && next === 'failed') byId('record-save').closest('p').hidden = false;
  const going = next === 'recording';
  byId('record-sign').textContent = say['state.' + next] ?? '';
  icon.href = going ? page.dataset.icon : usual.icon;
  form.inert = !['ready', 'failed'].includes(next);
  if (!going) byId('record-silent').textContent = '';
  tick();
}

function fail(key, detail) {
  byId('record-alert').textContent = detail || say[key];
  show('failed');
}

// note says what stays true until the next recording, whatever the page shows.
function note(key) {
  const place = byId('record-note');
  if (place.textContent.includes(say[key])) return;
  place.textContent = [place.textContent, say[key]].filter(Boolean).join(' ');
  place.hidden = false;
}

const clock = (ms) => {
  const s = Math.floor(ms / 1000), two = (n) => String(n).padStart(2, '0');
  return (s >= 3600 ? Math.floor(s / 3600) + ':' + two(Math.floor(s / 60) % 60) : Math.floor(s / 60)) + ':' + two(s % 60);
};

function tick() {
  if (!capture) return;
  const time = clock(capture.milliseconds);
  byId('record-time').textContent = time;
  document.title = ['recording', 'paused'].includes(state) ? say['title.' + state].replace('{time}', time) : usual.title;
  if (state !== 'recording') return;
  const level = capture.level();
  byId('record-level').value = level;
  if (level > SILENT) heard = performance.now();
  const silent = performance.now() - heard > SILENT_AFTER ? say.silent : '';
  if (byId('record-silent').textContent !== silent) byId('record-silent').textContent = silent;
}

function showSending(what, waiting, detail) {
  const trouble = { [OFFLINE]: 'offline', [SIGNED_OUT]: 'signed_out', [FULL]: 'full', [REFUSED]: 'refused' }[what];
  byId('record-save').hidden = what !== REFUSED;
  if (cancelled && what === REFUSED && ['sending', 'failed'].includes(state)) { // nothing more comes of waiting
    byId('record-note').hidden = true;
    byId('record-sending').textContent = byId('record-waiting').textContent = '';
    if (state === 'sending') fail('cancelled');
    return;
  }
  const text = trouble ? [say[trouble].replace('{kilobytes}', Math.ceil(waiting / 1024)), detail].filter(Boolean).join(' ') : state === 'sending' ? say.sending : say.safe;
  const status = byId('record-sending');
  status.classList.toggle('alert', Boolean(trouble));
  if (status.dataset.what === (trouble ?? state)) {
    if (!trouble) return;
    byId('record-waiting').textContent = Math.ceil(waiting / 1024) + ' kB'; // not said aloud again at each piece
    return;
  }
  status.dataset.what = trouble ?? state;
  status.textContent = text;
  byId('record-waiting').textContent = '';
}

function follow(meeting) {
  const live = byId('live');
  live.dataset.src = '/api/v1/meetings/' + meeting + '/partial';
  followed = meeting;
  watch((event, type) => {
    if (followed !== meeting) return; // of a recording before this one
    if (type === 'partial') hearLive(live);
    if (type !== 'state' || event.state !== 'cancelled') return;
    cancelled = true;
    note('cancelled.going');
  }, { meeting });
}

async function stayAwake() {
  if (state === 'recording' && document.visibilityState === 'visible') {
    lock = await navigator.wakeLock?.request('screen').catch(() => null); // a machine low on power says no
  }
}

async function start() {
  if (!['ready', 'failed'].includes(state)) return;
  if (!form.reportValidity()) return;
  show('asking');
  asked = cancelled = false;
  followed = null;
  byId('record-note').textContent = '';
  byId('record-note').hidden = true;
  try {
    capture = await Capture.open({ device: byId('device').value, tab: byId('tab').checked });
  } catch (error) {
    fail({ NotAllowedError: 'denied', NotFoundError: 'no_device', OverconstrainedError: 'no_device', NotReadableError: 'busy',
      NoTabSound: 'no_tab_sound', NeedsTap: 'needs_tap' }[error.name] ?? 'failed');
    return;
  }
  const id = crypto.randomUUID();
  current = id;
  const recording = { id, user: page.dataset.user, began: Date.now(), type: capture.recorder.mimeType, metadata: metadataOf(form) };
  navigator.locks?.request('referent-' + id, () => new Promise(() => {})); // until the page goes: another one leaves it alone
  navigator.storage?.persist?.().catch(() => {}); // a browser short of room deletes what is not marked so
  const unkept = () => note('unkept');
  await keep.keepRecording(recording).catch(unkept);
  sender = new Sender(recording, { onState: (...told) => current === id && showSending(...told), onMeeting: (meeting) => current === id && follow(meeting), onUnkept: unkept, onApart: () => note('apart'), onMissed: () => note('missed') });
  sender.done.then((meeting) => {
    if (current !== id) return;
    if (!asked) return fail('broke'); // whoever thinks that it still records must see that it does not
    show('done');
    location.assign('/meetings/' + meeting);
  }, () => { // the meeting was erased
    if (current !== id) return;
    sender = null;
    capture.stop();
    fail('erased');
  });
  capture.start({
    onPiece: (bytes) => sender?.add(bytes),
    onEnd: () => {
      if (!sender) return;
      show('sending');
      sender.finish();
    },
    onLost: (what) => note('lost.' + what),
  });
  heard = performance.now();
  show('recording');
  byId('record-stop').focus();
  listDevices();
  stayAwake();
}

function stop() {
  if (!['recording', 'paused'].includes(state)) return;
  asked = true;
  capture.stop();
  lock?.release();
}

function turn() {
  if (state === 'recording') {
    capture.pause();
    lock?.release();
    show('paused');
  } else if (state === 'paused') {
    capture.resume();
    heard = performance.now();
    show('recording');
    stayAwake();
  }
  byId(state === 'paused' ? 'record-continue' : 'record-pause').focus();
}

// listDevices offers the microphones by name, which the browser tells once one was allowed.
async function listDevices() {
  const select = byId('device'), chosen = select.value;
  const list = await microphones().catch(() => []);
  select.replaceChildren(select.options[0], ...list.filter((d) => d.label).map((d) => new Option(d.label, d.deviceId, false, d.deviceId === chosen)));
}

byId('record-start').addEventListener('click', start);
byId('record-stop').addEventListener('click', stop);
byId('record-save').addEventListener('click', () => keep.save(sender.file(), sender.recording));
byId('record-pause').addEventListener('click', turn);
byId('record-continue').addEventListener('click', turn);
form.addEventListener('submit', (e) => {
  e.preventDefault();
  start();
});
document.addEventListener('visibilitychange', stayAwake);
addEventListener('beforeunload', (e) => { if (['recording', 'paused', 'sending'].includes(state)) e.preventDefault(); });
setInterval(tick, 200);

show('ready');
if (!possible()) {
  fail(isSecureContext ? 'unsupported' : 'insecure');
  byId('record-start').disabled = true;
} else {
  byId('tab-field').hidden = !canShare();
  listDevices();
  navigator.mediaDevices.addEventListener('devicechange', listDevices);
  if (page.dataset.auto === 'true') {
    history.replaceState(null, '', '/record'); // going back, or loading again, does not begin another
    start();
  }
}
