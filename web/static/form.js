// The form for a new meeting: what it says, as metadata of an upload.

const FIELDS = ['department', 'title', 'kind', 'language', 'date', 'place', 'body', 'participants', 'agenda', 'purpose', 'legal_basis'];

/** metadataOf is what a form says of a meeting. @returns {Object<string, string>} */
export function metadataOf(form) {
  const metadata = {};
  for (const name of FIELDS) {
    const value = form.elements[name]?.value.trim(); // there may be no department to choose
    if (name === 'department' && value === '-') continue; // none is chosen, which is another thing than nothing
    if (value) metadata[name] = value;
  }
  if (form.elements.told?.checked) metadata.told = 'yes';
  return metadata;
}

/** textOf reads a list from a file, as spreadsheets save it: UTF-8, else Windows-1252. null: it is no text. */
async function textOf(file) {
  const bytes = await file.arrayBuffer();
  if (file.size > 1 << 20 || new Uint8Array(bytes).includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

// A file beside a text field fills the field, where a person sees what it says.
for (const chooser of document.querySelectorAll('input[type=file][data-fills]')) {
  chooser.addEventListener('change', async () => {
    const file = chooser.files[0];
    if (!file) return;
    const field = document.getElementById(chooser.dataset.fills), note = document.getElementById(chooser.dataset.fills + '-note');
    const read = await textOf(file).catch(() => null);
    const outcome = read === null ? 'bad' : field.value.trim() ? 'full' : 'good'; // what somebody wrote is not overwritten
    note.textContent = chooser.dataset[outcome];
    note.classList.toggle('alert', outcome !== 'good');
    if (outcome === 'good') field.value = read.trim();
    chooser.value = ''; // the list is in the field; the file is not sent
  });
}

// The body that meets has a roster from its last meeting, which is offered and not put in by itself. What one
// department knows is not offered in another: before one is chosen, nothing is.
const body = document.getElementById('body'), offer = document.getElementById('roster');
const department = document.getElementById('department');
const chosen = () => ({ department: !department || department.value === '-' ? '' : department.value });
const undecided = () => department?.value === '';
let roster;
async function listBodies() {
  const list = document.getElementById('bodies'), of = chosen();
  list.replaceChildren();
  if (undecided()) return;
  const answer = await fetch('/api/v1/bodies?' + new URLSearchParams(of)).catch(() => null);
  const names = answer?.ok ? await answer.json() : [];
  if (chosen().department === of.department) list.replaceChildren(...names.map((name) => new Option(name, name)));
}
async function offerRoster() {
  offer.hidden = true;
  const name = body.value.trim();
  const of = chosen();
  if (!name || undecided()) return;
  const answer = await fetch('/api/v1/roster?' + new URLSearchParams({ body: name, ...of })).catch(() => null);
  if (!answer?.ok || body.value.trim() !== name || chosen().department !== of.department) return;
  roster = await answer.json();
  if (!roster.participants.length) return;
  offer.querySelector('span').textContent = offer.dataset.text.replace('{people}', roster.participants.length)
    .replace('{date}', new Date(roster.held).toLocaleDateString('nb-NO', { day: '2-digit', month: '2-digit', year: 'numeric' }));
  offer.hidden = false;
}
if (body) {
  body.addEventListener('change', offerRoster);
  department?.addEventListener('change', () => {
    listBodies();
    offerRoster();
  });
  listBodies();
}
offer?.querySelector('button').addEventListener('click', () => {
  const cell = (s) => (s ?? '').replaceAll(/[;"]/g, ' ');
  const put = (id, value) => { const field = document.getElementById(id); if (!field.value.trim()) field.value = value ?? ''; };
  const people = document.getElementById('participants');
  if (people.value.trim()) { // what somebody wrote is not overwritten
    offer.querySelector('span').textContent = offer.dataset.full;
    return;
  }
  people.value = ['Navn;Rolle;Parti', ...roster.participants.map((p) => [p.name, p.role, p.party].map(cell).join(';'))].join('\n');
  put('place', roster.place);
  put('purpose', roster.purpose);
  put('legal-basis', roster.legal_basis);
  offer.hidden = true;
  people.focus();
});

// Some kinds of meetings are not made before somebody confirms that those present were told.
const kind = document.getElementById('kind'), told = document.getElementById('told');
function require() {
  told.required = kind.selectedOptions[0]?.dataset.told === 'true';
  document.getElementById('told-needed').hidden = !told.required;
  if (told.required) told.closest('details')?.setAttribute('open', '');
}
if (kind && told) {
  kind.addEventListener('change', require);
  kind.form.addEventListener('cleared', () => {
    require();
    offer.hidden = true;
  });
  require();
}
