// The page that changes what is said about a meeting: what was written and not saved is not left unasked.
import './form.js';

const form = document.getElementById('edit');
const fields = [...form.elements].filter((f) => f.name && f.type !== 'hidden');
const value = (f) => (f.type === 'checkbox' ? f.checked : f.value);
const before = new Map(fields.map((f) => [f, value(f)]));
let saving = false;

const dirty = () => form.dataset.unsaved === 'true' || fields.some((f) => value(f) !== before.get(f));

// The page is left when what was written is saved, and not before: signing in again, or a connection that is gone,
// would lose it. A form that is refused is sent once more, for the page that says why.
form.addEventListener('submit', async (e) => {
  e.preventDefault();
  if (saving) return;
  saving = true;
  const failed = document.getElementById('edit-failed');
  failed.hidden = true;
  const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'manual' }).catch(() => null);
  if (answer?.type === 'opaqueredirect') return location.assign(form.dataset.at + (dirty() ? '?changed=1' : ''));
  const page = answer?.headers.get('Content-Type')?.startsWith('text/html') && new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (page && page.getElementById('edit')) return form.submit();
  failed.textContent = answer?.status === 401 ? failed.dataset.signedOut : page?.querySelector('.alert')?.textContent || failed.dataset.offline;
  failed.hidden = false;
  saving = false;
});
addEventListener('beforeunload', (e) => { if (!saving && dirty()) e.preventDefault(); });
document.getElementById('edit-alert')?.focus();
