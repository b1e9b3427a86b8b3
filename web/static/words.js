// What the page of a word list does beyond its form: that it was saved is said once, and a line with a fault is shown.
const here = new URL(location.href);
if (here.searchParams.has('saved')) {
  here.searchParams.delete('saved');
  history.replaceState(history.state, '', here);
}

const field = /** @type {HTMLTextAreaElement} */ (document.getElementById('words'));
const line = Number(field.dataset.line); // NaN: no line has a fault
if (line) {
  const lines = field.value.split('\n'), before = lines.slice(0, line - 1).reduce((n, text) => n + text.length + 1, 0);
  field.focus();
  field.setSelectionRange(before, before + (lines[line - 1] ?? '').length);
  field.scrollTop = (field.scrollHeight * (line - 1)) / lines.length - field.clientHeight / 2;
}
