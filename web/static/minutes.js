// What the page of the minutes does beyond its forms: a change is saved in place, what somebody else writes is
// shown when it disturbs nobody, and evidence is played. Every form works without it.
import { watch } from './events.js';
import './minutes_copy.js';

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
const unsaved = (except) => [...work().querySelectorAll('form[data-edit]')].filter((f) => f !== except && dirty(f));

// place names the theme or case that a form stands under, "" outside of them. The parts of a case are called the
// same in every case: they are named with the nearest heading before them that no other theme has.
function place(form) {
  const theme = form.closest('.theme');
  if (!theme) return '';
  const headings = [...theme.parentElement.querySelectorAll(':scope > .theme')].map((t) => t.querySelector('h3')?.textContent ?? '');
  const at = [...theme.parentElement.querySelectorAll(':scope > .theme')].indexOf(theme);
  const once = (h) => headings.indexOf(h) === headings.lastIndexOf(h);
  const before = once(headings[at]) ? undefined : headings.slice(0, at).findLast(once);
  return before === undefined ? headings[at] : before + ' – ' + headings[at];
}

// A form is known again on a newer page by the list, the theme or case and the words that it was for, wherever
// these stand now.
const mark = (form) => JSON.stringify([form.elements.list?.value, place(form),
  ...written(form).filter((f) => f.tagName !== 'SELECT').map((f) => [f.name, original(f)])]);

const chosen = (f) => f.selectedOptions[0]?.textContent ?? '';
const valueOf = (f) => (f.type === 'checkbox' ? f.checked : f.tagName === 'SELECT' ? chosen(f) : f.value);

// keep remembers what is written in a form: its values, a choice by its words, since the numbers of themes change;
// and the whole as text, for when the form is not found again.
function keep(form) {
  const fields = written(form);
  const told = fields.filter((f) => !f.closest('[hidden]') && valueOf(f)).map((f) => [f.labels?.[0]?.textContent.trim(), valueOf(f)]);
  const text = told.length === 1 ? [told[0][1]] : told.map(([label, value]) => (value === true ? label : `${label}: ${value}`));
  return { form, mark: mark(form), values: fields.map((f) => [f.name, valueOf(f)]), text: [place(form), ...text].filter(Boolean).join('\n') };
}

// fill puts what was kept into a form of a newer page. It tells whether all of it has a place there; else nothing
// is touched.
function fill(form, kept) {
  const option = (field, words) => {
    const same = [...field.options].filter((o) => o.textContent === words);
    return same.length === 1 && same[0];
  };
  if (kept.values.some(([name, v]) => form.elements[name].tagName === 'SELECT' && !option(form.elements[name], v))) return false;
  for (const [name, v] of kept.values) {
    const field = form.elements[name];
    if (field.tagName === 'SELECT') option(field, v).selected = true;
    else if (typeof v === 'boolean') field.checked = v;
    else field.value = v;
  }
  form.closest('details')?.setAttribute('open', '');
  return true;
}

// keepBeside shows text that is not saved outside of what is replaced by a newer page.
function keepBeside(texts) {
  const area = byId('minutes-kept-text');
  area.value = [area.value, ...texts].filter(Boolean).join('\n\n');
  byId('minutes-kept').hidden = !area.value;
}

// prepare makes the page's parts ready that only the script brings to life.
function prepare() {
  for (const part of page.querySelectorAll('.play, .copy')) part.hidden = false;
  for (const select of page.querySelectorAll('select[name=as]')) chooseAs(select);
}

// chooseAs shows the fields that what a statement becomes has.
function chooseAs(select) {
  for (const field of select.form.querySelectorAll('[data-as]')) {
    field.hidden = !field.dataset.as.split(' ').includes(select.value);
  }
}

// show puts a newer page in the place of this one. What is being written in forms other than the saved one stays in
// them; where it is not plain which form that is now, it is kept beside.
function show(fresh, saved, sent) {
  const kept = unsaved(saved).map(keep);
  const open = [...work().querySelectorAll(':scope > details[open]')].map((d) => d.id);
  const lost = [byId('written')?.value]; // of an earlier conflict: it stands nowhere else
  work().replaceWith(document.adoptNode(fresh));
  for (const id of open) byId(id)?.setAttribute('open', '');
  const forms = [...work().querySelectorAll('form[data-edit]')].map((form) => ({ form, mark: mark(form) }));
  for (const one of kept) {
    const same = forms.filter((f) => f.mark === one.mark);
    const found = same.length === 1 && kept.filter((k) => k.mark === one.mark).length === 1 && fill(same[0].form, one);
    const told = one.form === sent && byId('written'); // the page itself tells what was sent and not saved
    if (found && told) told.closest('.card').remove();
    else if (!found && !told) lost.push(one.text);
  }
  keepBeside(lost);
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
    show(fresh, answer.ok ? form : null, form);
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
  // Whoever is about to approve answers for what was read, and does not get something else under the button.
  if (unsaved().length || work().querySelector('details.edit[open], form[action$="/approve"]')) {
    byId('minutes-changed').hidden = false;
    return;
  }
  const back = keyboard();
  show(fresh);
  byId('minutes-said').textContent = work().dataset.newer;
  back();
}

// keyboard remembers where the keyboard is, and gives what takes it back there on a newer page: to the same button,
// known by its words and the list that it is in, else to the statement in its place.
function keyboard() {
  const at = document.activeElement;
  if (!work().contains(at)) return () => {};
  const homeOf = (e) => e.closest('[id]').id;
  const listOf = (e) => homeOf(e).split('-')[0];
  const words = (e) => e.getAttribute('aria-label') ?? e.textContent;
  const home = homeOf(at), list = listOf(at);
  return () => {
    const same = at.id ? [] : [...work().querySelectorAll(at.tagName)].filter((e) => words(e) === words(at) && listOf(e) === list);
    const to = same.find((e) => homeOf(e) === home) ?? (same.length === 1 && same[0]);
    if (to) to.focus();
    else focusOn(home !== 'minutes-work' && home, 'minutes-title');
  };
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
    if (busy) return;
    const answer = await fetch(location.href).catch(() => null);
    const fresh = answer?.ok && (await parse(answer)).getElementById('minutes-work');
    if (fresh && !busy) {
      show(fresh);
      focusOn('minutes-title');
    }
    return;
  }
  if (e.target.id === 'minutes-kept-drop') {
    byId('minutes-kept-text').value = '';
    keepBeside([]);
    focusOn('minutes-title');
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

watch((event, type) => {
  if (type === 'outlook') return;
  if (type === 'deleted' || type === 'left') location.assign('/');
  else if (type === 'transcript') refresh(SURELY); // other words, or other names, for what was heard
  else if (event.state !== work().dataset.state) refresh(LIKELY);
  else if (type === 'minutes' || type === 'state') refresh(PERHAPS);
}, { meeting: page.dataset.meeting });

addEventListener('beforeunload', (e) => {
  if (unsaved().length || byId('written') || byId('minutes-kept-text').value) e.preventDefault();
});

prepare();
