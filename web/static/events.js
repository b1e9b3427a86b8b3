// What happens in all the meetings that one sees, over one connection for a page, and one more at most for all the
// pages of the browser that nobody looks at: a browser opens few to a server.

const TYPES = ['state', 'progress', 'partial', 'failed', 'transcript', 'minutes', 'deleted', 'left', 'outlook'];
const NAP = 30000;   // milliseconds that a page is hidden before it lets its connection go
const GAP = 30000;   // milliseconds between two pages of a tab over which nothing is missed
const AGAIN = 5000;  // milliseconds until a connection that the browser gave up is tried again; each time twice as long
const RARELY = 60000; // at most
const EARLY = 60000; // milliseconds in which those that come late to a page hear what they missed
const AT = 'referent.at';

const { user, after } = document.body.dataset;
const from = Number(after); // the newest event when the page was made

/** @type {EventSource|null} */
let source = null;
let last = from;
let early = [];
let leader = false; // this page is the one that stays connected while nobody looks
let wait = AGAIN, again;
const watchers = [];
const sessionWatchers = [];
const wanted = () => leader || document.visibilityState === 'visible';

// A page that comes right after another of the same tab hears what happened between the two.
try {
  const left = JSON.parse(sessionStorage.getItem(AT));
  if (left?.user === user && Date.now() - left.at < GAP) last = Math.min(from, left.last);
} catch { /* the browser keeps nothing; what happens between two pages is in the list */ }

function open() {
  if (source || !wanted()) return;
  clearTimeout(again);
  source = new EventSource(`/api/v1/events?queue=true&after=${last}`);
  source.addEventListener('open', () => {
    wait = AGAIN;
    for (const tell of sessionWatchers) tell(true);
  });
  source.addEventListener('error', () => { // the browser itself tries again, but not after an answer that is no stream
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    again = setTimeout(open, wait);
    wait = Math.min(2 * wait, RARELY);
    fetch('/api/v1/me').then((answer) => {
      if (answer.status === 401) for (const tell of sessionWatchers) tell(false);
    }, () => {}); // the connection is gone, which is told where something is sent
  });
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
  clearTimeout(again);
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

/**
 * watchSession calls each(signedIn) when nothing is told any more because the session has ended, and when it is again.
 * @param {(signedIn: boolean) => void} each
 */
export function watchSession(each) {
  sessionWatchers.push(each);
}

if (after) {
  document.addEventListener('DOMContentLoaded', () => {
    open();
    let nap;
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
