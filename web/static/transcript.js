// The page where a transcript is heard and corrected: it ties its parts together, and knows which segment a person is at.
import { watch } from './events.js';
import { List } from './transcript_list.js';
import { Model } from './transcript_model.js';
import { Sync } from './transcript_sync.js';
import { Editor } from './transcript_editor.js';
import { Find } from './transcript_find.js';
import { Player } from './transcript_player.js';
import { Speakers } from './transcript_speakers.js';
import { Unsaved } from './transcript_unsaved.js';
import { Versions } from './transcript_versions.js';
import { Wave } from './transcript_wave.js';
import { segmentView } from './transcript_segment.js';
import { button, clock, element, say } from './transcript_words.js';

const page = document.getElementById('transcript-page');
const byId = (id) => document.getElementById(id);
const api = `/api/v1/meetings/${page.dataset.meeting}`;
const may = page.dataset.may === 'true';
const answer = await fetch(`${api}/transcript`).catch(() => null);
if (!answer?.ok) {
  byId('app').replaceWith(element('p', { className: 'alert ds-alert', 'data-color': 'danger', role: 'alert' }, say('transcript.unread'), ' ',
    button(say('transcript.again'), { onclick: () => location.reload() })));
  throw new Error('the transcript could not be read'); // there is nothing to show
}
const told = await answer.json();
const model = new Model(told);
byId('list').lang = told.transcript.language ?? '';
byId('app').hidden = false;

let current = model.segments[0]?.id; // where the keyboard is, or goes when it comes to the list
let seen = ''; // what the list was made of
let wave = null;

const sync = new Sync(model, api, {
  changed: refresh,
  state(key, values = {}) {
    byId('saved').textContent = say(key, values);
    if (key === 'transcript.saved') byId('failed').hidden = true;
  },
  failed(sentence) {
    byId('failed').textContent = say(sentence);
    byId('failed').hidden = false;
  },
});

const editor = new Editor(model, sync, {
  close(id) {
    list.renew(id);
    focusSegment(model.placeOf(id), true);
  },
  open(id, kept) {
    if (kept.gone || !model.places.has(id)) unsaved.add(id, kept, 'transcript.conflict.gone');
    else if (editor.of?.id === id && editor.take(kept)) showForm(id);
    else if (editor.of || elsewhere(id)) unsaved.add(id, kept, 'transcript.conflict.kept', model.get(id).start);
    else openEditor(id, kept);
  },
});

const unsaved = new Unsaved((id, kept) => {
  if (!model.places.has(id) || editor.of?.id === id && editor.dirty) return false;
  openEditor(id, kept);
  return true;
});

/** Whether the person is at something else than the segment, and is to be left there. */
function elsewhere(id) {
  const at = document.activeElement;
  return at !== null && at !== document.body && !list.nodes.get(id)?.contains(at);
}

const find = new Find(model, sync, {
  show(id) { list.show(model.placeOf(id)); },
  changed: refresh,
});

/** The item of a segment as it is now. A form that is open stays as it is. */
function item(i) {
  const s = model.segments[i];
  const node = segmentView(model, s, { may, audio: page.dataset.audio === 'true', current: s.id === current, found: find.of(s.id) });
  node.made = signature(s);
  if (editor.of?.id === s.id) {
    node.querySelector('.t-text').replaceWith(editor.view(s));
    node.querySelector('.t-tools').remove();
  }
  return node;
}

const signature = (s) => JSON.stringify([s.text, s.speaker, s.start, s.quality, s.confirmed, s.corrected, model.pending.get(s.id), model.name(s.speaker),
  s.others, s.id === current, find.of(s.id)]);

const list = new List(byId('list'), {
  count: () => model.segments.length,
  id: (i) => model.segments[i].id,
  guess: (i, width) => 62 + 26 * Math.ceil(model.text(model.segments[i]).length / Math.max((Math.min(width, 900) - 40) / 8.4, 20)),
  make: item,
  stays: (id) => editor.of?.id === id || id === current, // Tab leads there
});

/** Shows what is other than on the page, and leaves the rest alone: what somebody writes above all. */
function refresh() {
  find.update();
  const now = model.segments.map((s) => s.id).join();
  if (now !== seen) {
    if (editor.of && !model.places.has(editor.of.id)) {
      const { id, written } = editor.of;
      if (editor.dirty && !editor.blank) unsaved.add(id, { written }, 'transcript.conflict.gone');
      editor.of = null;
    }
    seen = now;
    if (!model.places.has(current)) current = model.segments[Math.max(model.placeOf(current), 0)]?.id;
    list.reset();
  }
  for (const [id, node] of [...list.nodes]) {
    const s = model.get(id);
    if (!s || node.made === signature(s)) continue;
    if (editor.of?.id === id) {
      tellEditor(s);
      continue;
    }
    const kept = node.contains(document.activeElement) ? document.activeElement.dataset?.do ?? '' : null;
    list.renew(id);
    if (kept !== null) (list.nodes.get(id).querySelector(`[data-do="${kept}"]`) ?? list.nodes.get(id)).focus({ preventScroll: true });
  }
  if (may) {
    byId('undo').disabled = !sync.done.length;
    byId('redo').disabled = !sync.undone.length;
  }
  const doubts = model.segments.reduce((n, s) => n + model.doubtful(s), 0);
  byId('doubts').textContent = say(doubts ? 'transcript.doubts' : 'transcript.doubts.none', { count: doubts });
  byId('next-doubt').disabled = !doubts;
  voices.show();
  versions.outdated();
  wave?.draw();
}

/** Tells whoever writes in a segment that somebody else has changed it. */
function tellEditor(s) {
  const form = list.nodes.get(s.id)?.querySelector('.t-form');
  if (!form || s.text === (editor.of.newer ?? editor.of).seen.text || model.pending.has(s.id)) return;
  if (!editor.dirty) { // nothing is written yet: the form begins with what stands there now
    editor.open(s.id);
    list.renew(s.id);
    editor.focus();
    return;
  }
  const note = form.querySelector('#edit-other') ?? form.insertBefore(document.createElement('p'), form.firstChild);
  Object.assign(note, { id: 'edit-other', className: 'alert', textContent: `${say('transcript.conflict.now')} «${s.text}»` });
  note.setAttribute('role', 'alert');
  editor.of.other = s.text;
  editor.of.newer = { seen: model.seen(s.id), at: form.contains(document.activeElement) ? performance.now() : undefined };
}

/** Makes a segment the one that Tab leads to. */
function setCurrent(id) {
  if (id === current) return;
  const before = current;
  current = id;
  for (const other of [before, id]) {
    const node = list.nodes.get(other);
    if (!node || editor.of?.id === other) continue;
    node.toggleAttribute('aria-current', other === id);
    if (other === id) node.setAttribute('aria-current', 'true');
    for (const b of node.querySelectorAll('[data-do]')) b.tabIndex = other === id ? 0 : -1;
    node.made = signature(model.get(other) ?? {});
  }
}

function focusSegment(i, keyboard) {
  const s = model.segments[i];
  if (!s) return;
  const node = list.show(i);
  setCurrent(s.id);
  if (keyboard) list.nodes.get(s.id)?.focus({ preventScroll: true });
  return node;
}

function openEditor(id, kept) {
  if (editor.of) {
    if (editor.dirty && !editor.blank) editor.store(); // what was written is stored, not lost
    else editor.close();
  }
  const i = model.placeOf(id);
  editor.open(id, kept);
  if (!editor.of) return;
  list.show(i);
  setCurrent(id);
  showForm(id);
  editor.focus();
}

/** Shows the open form anew; whoever writes in it goes on. */
function showForm(id) {
  const writing = document.activeElement?.id === 'edit-text';
  list.renew(id);
  if (writing) editor.focus();
}

function nextDoubt() {
  const from = model.placeOf(current), n = model.segments.length;
  for (let k = 1; k <= n; k++) {
    const i = (from + k) % n;
    if (!model.doubtful(model.segments[i])) continue;
    focusSegment(i, true);
    player?.audio.paused === false && player.from(model.segments[i].start);
    return;
  }
}

// The sound, and the word that is said.
let spoken = null, spokenId = '';
function moved(time) {
  wave?.move(time);
  const i = model.at(time), s = model.segments[i];
  if (!s) return;
  if (s.id !== spokenId) {
    spokenId = s.id;
    const voice = model.name(s.speaker);
    byId('speaking').textContent = voice ? say('transcript.speaking', { name: voice, time: clock(s.start) }) : '';
    for (const node of byId('list').querySelectorAll('.saying')) node.classList.remove('saying');
    if (byId('follow').checked && !editor.of && !byId('list').contains(document.activeElement)) list.show(i);
  }
  const node = list.nodes.get(s.id);
  node?.classList.add('saying');
  let k = s.words.findLastIndex((w) => w.start <= time + 0.02);
  if (k < 0 || time > s.words[k].end + 1) k = -1;
  const word = k < 0 ? null : node?.querySelector(`.w[data-i="${k}"]`);
  if (word === spoken) return;
  spoken?.classList.remove('now');
  word?.classList.add('now');
  spoken = word;
}

const player = byId('audio') ? new Player(byId('audio'), { moved }) : null;
const voices = new Speakers(model, sync, may);
const versions = new Versions(model, sync, may);

byId('list').addEventListener('click', (e) => {
  const node = e.target.closest('.t-item');
  if (!node) return;
  const s = model.get(node.dataset.id), act = e.target.closest('[data-do]')?.dataset.do;
  if (!s || e.target.closest('.t-form')) return;
  setCurrent(s.id);
  if (act === 'play') player?.from(s.start);
  else if (act === 'edit') openEditor(s.id);
  else if (act === 'confirm') sync.save([{ do: 'confirm', segment: s.id, seen: model.seen(s.id) }]);
  else if (e.target.closest('.w[data-i]') && !getSelection().toString()) player?.from(s.words[Number(e.target.closest('.w').dataset.i)].start);
});
byId('list').addEventListener('dblclick', (e) => {
  const node = may && !e.target.closest('.t-form, button') && e.target.closest('.t-item');
  if (node) openEditor(node.dataset.id);
});
byId('list').addEventListener('focusin', (e) => {
  const node = e.target.closest('.t-item');
  if (node) setCurrent(node.dataset.id);
});
byId('list').addEventListener('keydown', (e) => {
  if (e.target.closest('.t-form') || e.altKey || e.ctrlKey || e.metaKey) return;
  const at = model.placeOf(current);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: model.segments.length - 1 }[e.key];
  if (to !== undefined) {
    e.preventDefault();
    focusSegment(Math.min(Math.max(to, 0), model.segments.length - 1), true);
  } else if (e.key === 'Enter' && may && e.target.matches('.t-item')) {
    e.preventDefault();
    openEditor(current);
  }
});

addEventListener('keydown', (e) => {
  const field = e.target.closest?.('input, textarea, select');
  if (e.altKey && !e.ctrlKey && !e.metaKey) {
    if (e.code === 'KeyN') nextDoubt();
    else if (!player?.key(e)) return;
    e.preventDefault();
  } else if ((e.ctrlKey || e.metaKey) && e.code === 'KeyF' && e.target.id !== 'find-text') { // once more: the browser's own
    e.preventDefault();
    byId('find-text').focus();
    byId('find-text').select();
  } else if ((e.ctrlKey || e.metaKey) && !field && may && (e.code === 'KeyZ' || e.code === 'KeyY')) {
    e.preventDefault();
    if (e.code === 'KeyY' || e.shiftKey) sync.redo(); else sync.undo();
  }
});
byId('undo')?.addEventListener('click', () => sync.undo());
byId('redo')?.addEventListener('click', () => sync.redo());
byId('next-doubt').addEventListener('click', nextDoubt);

watch((event, type) => {
  if (type === 'deleted' || type === 'left') location.assign('/');
  else if (type === 'transcript') sync.follow();
  else if (type === 'state' && event.state !== page.dataset.state && !editor.of && !sync.unsaved && !unsaved.count && !voices.written) location.reload();
}, { meeting: page.dataset.meeting });
addEventListener('beforeunload', (e) => { if (sync.unsaved || editor.dirty || unsaved.count || voices.written) e.preventDefault(); });

// An address that names a segment leads to it, and the sound is there too.
function goTo() {
  const i = model.placeOf(decodeURIComponent(location.hash.slice(1)));
  if (i < 0) return;
  focusSegment(i, true);
  if (player) player.audio.currentTime = model.segments[i].start;
  player?.audio.play().catch(() => {}); // the browser may want a click first
}
addEventListener('hashchange', goTo);

if (player) {
  fetch(`${api}/audio/peaks`).then(async (found) => { // without a picture the sound plays all the same
    if (!found.ok) return;
    wave = new Wave(byId('wave'), await found.json(), model, (time) => player.from(time));
    wave.draw();
    wave.move(player.audio.currentTime);
  });
}
refresh();
goTo();
page.dataset.ready = 'true';
