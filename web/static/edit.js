// The page that changes what is said about a meeting: what was written and not saved is not left unasked.
import './form.js';

const form = document.getElementById('edit');
const fields = [...form.elements].filter((f) => f.name && f.type !== 'hidden');
const value = (f) => (f.type === 'checkbox' ? f.checked : f.value);
const before = new Map(fields.map((f) => [f, value(f)]));
let saving = false;

const dirty = () => form.dataset.unsaved === 'true' || fields.some((f) => value(f) !== before.get(f));
form.addEventListener('submit', () => { saving = true; });
addEventListener('beforeunload', (e) => { if (!saving && dirty()) e.preventDefault(); });
document.getElementById('edit-alert')?.focus();
