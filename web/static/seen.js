// Which of a person's meetings became ready since they last looked at them, in this browser: ids and a time, no more.

const MOST = 500; // ids kept

const key = 'referent.seen.' + document.body.dataset.user;

/** @returns {{since: number, ids: string[]}} seconds since 1970, and what has been opened after that */
function read() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? { since: Date.now() / 1000, ids: [] };
  } catch {
    return { since: Infinity, ids: [] }; // the browser keeps nothing, and so nothing is new
  }
}

function write(seen) {
  try {
    localStorage.setItem(key, JSON.stringify(seen));
  } catch { /* as above */ }
}

/** markNew shows the mark on the rows whose draft has not been opened. */
export function markNew() {
  const seen = read();
  for (const row of document.querySelectorAll('[data-new]')) {
    row.querySelector('.new').hidden = !(Number(row.dataset.new) > seen.since && !seen.ids.includes(row.dataset.meeting));
  }
}

if (document.body.dataset.user) {
  const seen = read();
  const open = location.pathname.match(/^\/meetings\/([^/]+)/)?.[1];
  if (open && !seen.ids.includes(open) && document.querySelector('.minutes, #minutes-page, #transcript-page')) seen.ids.push(open);
  seen.ids = seen.ids.slice(-MOST);
  write(seen);
  markNew();
}
