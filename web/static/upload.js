// The form that makes meetings of files: each file is a meeting of its own, with its own progress, and goes on after
// a lost connection. Two are on their way at a time.
import { text } from './referent.js';
import { metadataOf } from './form.js';
import { upload } from './tus.js';

const AT_ONCE = 2;

const form = document.getElementById('upload');
const file = document.getElementById('file');
const drop = document.getElementById('drop');
const list = document.getElementById('upload-files');
const status = document.getElementById('upload-status');
const say = JSON.parse(form.dataset.say);
const fill = (key, values) => say[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/**
 * @typedef {Object} Item a file on its way
 * @property {File} file
 * @property {Object<string, string>} metadata
 * @property {'waiting'|'going'|'done'|'failed'|'stopped'} state
 * @property {AbortController} [control]
 * @property {HTMLElement} row
 */

/** @type {Item[]} */
let items = [];
const those = (...states) => items.filter((i) => states.includes(i.state));

// row shows a file: its name, how far it is, and what can be done with it.
function row(item) {
  const li = document.createElement('li');
  li.append(document.getElementById('upload-row').content.cloneNode(true));
  li.querySelector('.name').textContent = item.file.name;
  li.querySelector('progress').setAttribute('aria-label', item.file.name);
  for (const act of ['stop', 'again']) li.querySelector('.' + act).setAttribute('aria-label', fill(act, { name: item.file.name }));
  li.querySelector('.stop').addEventListener('click', () => {
    if (item.control) item.control.abort();
    else set(item, 'stopped', text('web.upload.stopped'));
  });
  li.querySelector('.again').addEventListener('click', () => {
    set(item, 'waiting', say.waiting);
    li.querySelector('.stop').focus();
    next();
  });
  return li;
}

function set(item, state, words) {
  const buttons = { stop: ['waiting', 'going'], again: ['failed', 'stopped'] };
  item.state = state;
  item.row.dataset.state = state;
  item.row.querySelector('.words').textContent = words;
  item.row.querySelector('.words').classList.toggle('alert', state === 'failed');
  item.row.querySelector('progress').hidden = state !== 'going';
  for (const [name, when] of Object.entries(buttons)) item.row.querySelector('.' + name).hidden = !when.includes(state);
  if (state !== 'going') sum();
}

// sum says how it goes as a whole: a reader that hears each percent of each file hears nothing else.
function sum() {
  const done = those('done').length, left = those('waiting', 'going').length, failed = those('failed', 'stopped').length;
  if (!left && !failed) status.textContent = text('web.upload.done');
  else status.textContent = fill(failed ? 'sum.failed' : 'sum', { done, all: items.length, failed });
}

async function send(item) {
  item.control = new AbortController();
  set(item, 'going', '');
  const bar = item.row.querySelector('progress'), words = item.row.querySelector('.words');
  try {
    await upload(item.file, item.metadata, {
      endpoint: '/api/v1/uploads',
      signal: item.control.signal,
      onProgress: (sent, all) => {
        const percent = all ? Math.floor(100 * sent / all) : 100;
        if (bar.value === percent && words.textContent) return;
        bar.value = percent;
        words.textContent = text('web.upload.going', { percent });
      },
      onWait: (seconds) => { words.textContent = text('web.upload.waiting', { seconds }); },
    });
    set(item, 'done', say.done);
  } catch (error) {
    if (item.control.signal.aborted) set(item, 'stopped', text('web.upload.stopped'));
    else set(item, 'failed', error.detail || text('error.internal'));
  } finally {
    item.control = null;
    next();
  }
}

function next() {
  for (const item of those('waiting').slice(0, Math.max(AT_ONCE - those('going').length, 0))) send(item);
}

for (const type of ['dragenter', 'dragover']) {
  drop.addEventListener(type, (e) => { e.preventDefault(); drop.classList.add('over'); });
}
for (const type of ['dragleave', 'drop']) {
  drop.addEventListener(type, () => drop.classList.remove('over'));
}
drop.addEventListener('drop', (e) => {
  e.preventDefault();
  if (e.dataTransfer.files.length) file.files = e.dataTransfer.files;
});
addEventListener('beforeunload', (e) => { if (those('waiting', 'going').length) e.preventDefault(); });

form.addEventListener('submit', (e) => {
  e.preventDefault();
  const chosen = [...file.files];
  if (!chosen.length) {
    status.textContent = text('web.upload.choose');
    return;
  }
  const common = metadataOf(form);
  items = those('waiting', 'going', 'failed', 'stopped');
  for (const one of chosen) {
    const metadata = { ...common, filename: one.name };
    if (chosen.length > 1 && common.title) metadata.title = common.title + ' – ' + one.name.replace(/\.[^.]*$/, '');
    const item = { file: one, metadata, state: 'waiting' };
    item.row = row(item);
    items.push(item);
  }
  list.replaceChildren(...items.map((i) => i.row));
  for (const item of those('waiting')) set(item, 'waiting', say.waiting);
  form.reset();
  form.dispatchEvent(new Event('cleared'));
  next();
});
