// What the page of the minutes does beyond its forms: a change is saved in place, what somebody else writes is
// shown when it disturbs nobody, and evidence is played. Every form works without it.
import { watch } from './referent.js';

const page = document.getElementById('minutes-page');
const byId = (id) => document.getElementById(id);
const work = () => byId('minutes-work');
const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), 'text/html');
let busy = false;

const written = (form) => [...form.elements].filter((f) => f.name && f.type !== 'hidden' && f.type !== 'submit');
const original = (f) => (f.type === 'checkbox' ? String(f.defaultChecked)
  : f.tagName === 'SELECT' ? [...f.options].findIndex((o) => o.defaultSelected) + '' : f.defaultValue);
const current = (f) => (f.type === 'checkbox' ? String(f.checked)
  : f.tagName === 'SELECT' ? ([...f.options].some((o) => o.defaultSelected) ? f.selectedIndex : f.selectedIndex - 1) + '' : f.value);
const dirty = (form) => written(form).some((f) => current(f) !== original(f));
// A form is known again on a newer page by the list and the words that it was for, wherever these stand now.
const mark = (form) => JSON.stringify([form.elements.list?.value, ...written(form).filter((f) => f.tagName !== 'SELECT').map((f) => [f.name, original(f)])]);
const unsaved = (except) => [...work().querySelectorAll('form[data-edit]')].filter((f) => f !== except && dirty(f));

// prepare makes the page's parts ready that only the script brings to life.
function prepare() {
  for (const button of page.querySelectorAll('.play')) button.hidden = false;
  for (const select of page.querySelectorAll('select[name=as]')) chooseAs(select);
}

// chooseAs shows the fields that what a statement becomes has.
function chooseAs(select) {
  for (const field of select.form.querySelectorAll('[data-as]')) {
    field.hidden = !field.dataset.as.split(' ').includes(select.value);
  }
}

// show puts a newer page in the place of this one. What is being written in other forms stays in them; where
// their statements are gone, it is kept beside.
function show(fresh, sent) {
  const kept = unsaved(sent).map((form) => ({ mark: mark(form), values: written(form).map((f) => [f.name, f.type === 'checkbox' ? f.checked : f.value]) }));
  const open = [...work().querySelectorAll(':scope > details[open]')].map((d) => d.id);
  work().replaceWith(document.adoptNode(fresh));
  for (const id of open) byId(id)?.setAttribute('open', '');
  const lost = [];
  for (const one of kept) {
    const form = [...work().querySelectorAll('form[data-edit]')].find((f) => mark(f) === one.mark);
    if (!form) {
      lost.push(one.values.filter(([, v]) => typeof v === 'string' && v).map(([, v]) => v).join('\n'));
      continue;
    }
    for (const [name, value] of one.values) {
      if (typeof value === 'boolean') form.elements[name].checked = value;
      else form.elements[name].value = value;
    }
    form.closest('details')?.setAttribute('open', '');
  }
  if (lost.length) {
    byId('minutes-kept').hidden = false;
    byId('minutes-kept-text').value = [byId('minutes-kept-text').value, ...lost].filter(Boolean).join('\n\n');
  }
  byId('minutes-changed').hidden = true;
  byId('minutes-failed').hidden = true;
  prepare();
}

function focusOn(...ids) {
  for (const id of ids) {
    const place = id && byId(id);
    if (!place) continue;
    place.focus();
    return;
  }
}

function fail(sentence) {
  const alert = byId('minutes-failed');
  alert.textContent = sentence;
  alert.hidden = false;
}

// save sends a form and shows the page as it is afterwards. What could not be saved stays in its form, or is told
// on the page that comes back.
async function save(form, button) {
  busy = true;
  work().setAttribute('aria-busy', 'true');
  const body = new URLSearchParams(new FormData(form, button));
  const after = button?.dataset.after, otherwise = button?.dataset.else;
  try {
    const answer = await fetch(form.getAttribute('action'), { method: 'POST', body });
    const doc = await parse(answer);
    const fresh = doc.getElementById('minutes-work');
    if (!fresh) {
      fail(doc.querySelector('.alert')?.textContent ?? byId('minutes-failed').dataset.offline);
      return;
    }
    show(fresh, form);
    byId('minutes-said').textContent = answer.ok ? work().dataset.left : '';
    focusOn(byId('minutes-alert') && 'minutes-alert', after, otherwise, 'minutes-title');
  } catch {
    fail(byId('minutes-failed').dataset.offline);
  } finally {
    busy = false;
    work().removeAttribute('aria-busy');
    refresh(NO);
  }
}

// Whether the page may be outdated, or is: what happened while a change of its own was on its way.
const NO = 0, PERHAPS = 1, LIKELY = 2, SURELY = 3;
let stale = NO, looking = false;

// refresh shows what somebody else did, unless a person is writing: then it is told, and nothing is taken away. One
// look at a time, so that an older answer never takes the place of a newer.
async function refresh(how) {
  stale = Math.max(stale, how);
  if (looking) return;
  looking = true;
  try {
    while (stale !== NO && !busy) {
      how = stale;
      stale = NO;
      await look(how);
    }
  } finally {
    looking = false;
  }
}

async function look(how) {
  if (how === PERHAPS) { // most often it was this page's own change
    const answer = await fetch(page.dataset.versions).catch(() => null);
    const shown = answer?.ok && (await answer.json()).find((v) => v.shown)?.version;
    if (!shown || String(shown) === work().dataset.newest) return;
  }
  const answer = await fetch(location.href).catch(() => null);
  const fresh = answer?.ok && (await parse(answer)).getElementById('minutes-work');
  if (!fresh || busy || Number(fresh.dataset.newest) < Number(work().dataset.newest)) return;
  const same = fresh.dataset.newest === work().dataset.newest && fresh.dataset.state === work().dataset.state;
  if (same && how !== SURELY) return;
  if (unsaved().length || work().querySelector('details.edit[open]')) {
    byId('minutes-changed').hidden = false;
    return;
  }
  const here = work().contains(document.activeElement) && document.activeElement.closest('[id]')?.id;
  show(fresh);
  if (here && here !== 'minutes-work') focusOn(here, 'minutes-title');
}

page.addEventListener('submit', (e) => {
  if (!e.target.matches('form[data-edit]')) return;
  e.preventDefault();
  if (!busy) save(e.target, e.submitter);
});

page.addEventListener('change', (e) => {
  if (e.target.matches('select[name=as]')) chooseAs(e.target);
});

// An opened form has the keyboard in its first field; Escape closes it and leaves what was written in it.
page.addEventListener('toggle', (e) => {
  const opened = e.target.matches('details.edit[open]') && document.activeElement === e.target.querySelector('summary');
  if (opened) written(e.target.querySelector('form'))[0]?.focus();
}, true);
page.addEventListener('keydown', (e) => {
  const details = e.key === 'Escape' && e.target.closest('details.edit[open]');
  if (!details) return;
  details.removeAttribute('open');
  details.querySelector('summary').focus();
});

page.addEventListener('click', async (e) => {
  if (e.target.id === 'minutes-reload') {
    const answer = await fetch(location.href).catch(() => null);
    const fresh = answer?.ok && (await parse(answer)).getElementById('minutes-work');
    if (fresh) {
      show(fresh);
      focusOn('minutes-title');
    }
    return;
  }
  const button = e.target.closest('.play');
  if (!button) return;
  const audio = byId('audio');
  const going = button.getAttribute('aria-pressed') === 'true' && !audio.paused;
  for (const other of page.querySelectorAll('.play[aria-pressed]')) other.removeAttribute('aria-pressed');
  if (going) {
    audio.pause();
    return;
  }
  button.setAttribute('aria-pressed', 'true');
  audio.currentTime = Number(button.dataset.start);
  audio.play().catch(() => button.removeAttribute('aria-pressed'));
});

watch(page.dataset.events, (event, type) => {
  if (type === 'deleted') location.assign('/');
  else if (type === 'transcript') refresh(SURELY); // other words, or other names, for what was heard
  else if (event.state !== work().dataset.state) refresh(LIKELY);
  else if (type === 'minutes' || type === 'state') refresh(PERHAPS);
});

addEventListener('beforeunload', (e) => { if (unsaved().length) e.preventDefault(); });

prepare();
