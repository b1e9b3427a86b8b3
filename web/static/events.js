// What happens in all the meetings that one sees, over one connection for a page, and one more at most for all the
// pages of the browser that nobody looks at: a browser opens few to a server.

const TYPES = ['state', 'progress', 'partial', 'failed', 'transcript', 'minutes', 'deleted', 'outlook'];
const NAP = 30000;   // milliseconds that a page is hidden before it lets its connection go
const GAP = 30000;   // milliseconds between two pages of a tab over which nothing is missed
const EARLY = 60000; // milliseconds in which those that come late to a page hear what they missed
const AT = 'referent.at';

const { user, after } = document.body.dataset;
const from = Number(after); // the newest event when the page was made

/** @type {EventSource|null} */
let source = null;
let last = from;
let early = [];
const watchers = [];

// A page that comes right after another of the same tab hears what happened between the two.
try {
  const left = JSON.parse(sessionStorage.getItem(AT));
  if (left?.user === user && Date.now() - left.at < GAP) last = Math.min(from, left.last);
} catch { /* the browser keeps nothing; what happens between two pages is in the list */ }

function open() {
  if (source) return;
  source = new EventSource(`/api/v1/events?queue=true&after=${last}`);
  for (const type of TYPES) {
    source.addEventListener(type, (e) => {
      const event = JSON.parse(e.data);
      if (event.id) last = event.id;
      early?.push([event, type]);
      for (const tell of watchers) tell(event, type);
    });
  }
}

function close() {
  source?.close();
  source = null;
}

/**
 * watch calls each(event, type) for what happens from the page's own point in time on, also for what came before the
 * call. The browser comes back after a lost connection by itself and tells the last event it saw.
 * @param {(event: object, type: string) => void} each
 * @param {{meeting?: string, between?: boolean}} [of] one meeting only; also what happened between the page before and this
 */
export function watch(each, { meeting, between } = {}) {
  const tell = (event, type) => {
    if (meeting && event.meeting !== meeting) return;
    if (event.id && event.id <= from && !between) return;
    each(event, type);
  };
  setTimeout(() => { // the caller is ready then
    for (const [event, type] of early ?? []) tell(event, type);
    watchers.push(tell);
  });
}

if (after) {
  document.addEventListener('DOMContentLoaded', () => {
    open();
    let leader = !navigator.locks, nap;
    navigator.locks?.request('referent-events', () => {
      leader = true;
      open();
      return new Promise(() => {}); // until the page goes
    });
    document.addEventListener('visibilitychange', () => {
      clearTimeout(nap);
      if (document.visibilityState === 'visible') open();
      else nap = setTimeout(() => leader || close(), NAP);
    });
    setTimeout(() => { early = null; }, EARLY);
  });
  addEventListener('pagehide', () => {
    close();
    try {
      sessionStorage.setItem(AT, JSON.stringify({ user, last, at: Date.now() }));
    } catch { /* as above */ }
  });
  addEventListener('pageshow', (e) => e.persisted && location.reload());
}
