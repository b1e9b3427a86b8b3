// What the pages do beyond HTML: uploads that survive a lost connection, and progress that moves by itself.
import { upload } from './tus.js';

const texts = JSON.parse(document.body.dataset.texts);

// text fills the {placeholders} of a sentence that the server sent along.
function text(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function showState(root, event) {
  const state = root.querySelector('.state');
  const label = text('web.state.' + event.state);
  if (state.textContent !== label) state.textContent = label;
  state.dataset.state = event.state;
  const bar = root.querySelector('progress');
  bar.value = Math.round(event.progress * 100);
  bar.hidden = !['uploading', 'received', 'prepared', 'transcribed'].includes(event.state);
}

// watch calls each(event) for every event from the page's own point in time on. The browser comes back
// after a lost connection by itself and tells the last event it saw.
export function watch(url, each) {
  const source = new EventSource(url);
  for (const type of ['state', 'progress', 'partial', 'failed', 'transcript', 'minutes', 'deleted']) {
    source.addEventListener(type, (e) => each(JSON.parse(e.data), type));
  }
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', (e) => e.persisted && location.reload());
}

// refreshList brings the list as the server shows it now, and leaves the form beside it alone.
async function refreshList() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return location.reload(); // signed out meanwhile
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('list');
  document.getElementById('list').replaceWith(document.adoptNode(fresh));
}

const meetings = document.getElementById('meetings');
if (meetings) {
  watch(meetings.dataset.events, (event, type) => {
    const row = meetings.querySelector(`[data-meeting="${CSS.escape(event.meeting)}"]`);
    if (type === 'deleted') row?.remove();
    else if (row) showState(row, event);
    else refreshList();
  });
}

let hearing = false, heardMore = false;

// hearLive shows what has been heard of a recording that is still arriving. A screen reader is told of new
// sentences only, not of those that may still change.
export async function hearLive(live) {
  if (hearing) {
    heardMore = true;
    return;
  }
  hearing = true;
  do {
    heardMore = false;
    const answer = await fetch(live.dataset.src).catch(() => null);
    if (answer?.ok) showLive(live, (await answer.json()).segments);
  } while (heardMore);
  hearing = false;
}

function showLive(live, segments) {
  const said = live.querySelector('.said');
  const atEnd = said.scrollTop + said.clientHeight >= said.scrollHeight - 4;
  const settled = segments.filter((s) => !s.open);
  if (settled.length < said.children.length) said.replaceChildren(); // the server has forgotten its beginning
  for (const s of settled.slice(said.children.length)) {
    const p = document.createElement('p');
    p.textContent = s.text;
    p.classList.toggle('unsure', Boolean(s.doubtful));
    said.append(p);
  }
  live.querySelector('.open').textContent = segments.filter((s) => s.open).map((s) => s.text).join(' ');
  live.hidden = segments.length === 0;
  if (atEnd) said.scrollTop = said.scrollHeight; // whoever has scrolled back is left alone
}

const meeting = document.getElementById('meeting');
if (meeting) {
  const shown = meeting.querySelector('.state').dataset.state;
  const live = document.getElementById('live');
  if (live) hearLive(live);
  let leaving = false; // a form is on its way, whose answer is the page as it is then
  meeting.addEventListener('submit', () => { leaving = true; });
  // refresh shows the page as it is now, unless a person is writing a name: that is not taken from them.
  const refresh = () => {
    if (leaving) return;
    const names = [...meeting.querySelectorAll('.speakers input.name')];
    if (names.some((i) => i.value !== i.defaultValue) || meeting.querySelector('#speakers [role=alert]')) {
      document.getElementById('speakers-changed').hidden = false;
    } else {
      location.reload();
    }
  };
  watch(meeting.dataset.events, (event, type) => {
    if (type === 'deleted') location.assign('/');
    else if (type === 'partial') live && hearLive(live);
    else if (event.state !== shown || type === 'state' || type === 'transcript' || type === 'minutes') refresh(); // there is more to show than a word
    else showState(meeting, event);
  });
  const audio = document.getElementById('audio');
  for (const button of meeting.querySelectorAll('.time')) {
    button.addEventListener('click', () => {
      audio.currentTime = Number(button.dataset.start);
      audio.play();
    });
  }
}

let uploading = null; // an AbortController while an upload goes on
const form = document.getElementById('upload');
if (form) {
  const file = document.getElementById('file');
  const drop = document.getElementById('drop');
  const status = document.getElementById('upload-status');
  const bar = document.getElementById('upload-progress');
  const start = document.getElementById('upload-start');
  const stop = document.getElementById('upload-stop');

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
  stop.addEventListener('click', () => uploading?.abort());
  addEventListener('beforeunload', (e) => { if (uploading) e.preventDefault(); });

  form.addEventListener('submit', async (e) => {
    e.preventDefault();
    if (uploading) return;
    const chosen = file.files[0];
    if (!chosen) {
      status.textContent = text('web.upload.choose');
      return;
    }
    const metadata = { filename: chosen.name };
    for (const name of ['department', 'title', 'kind', 'language', 'date', 'participants', 'agenda']) {
      const value = form.elements[name]?.value.trim(); // there may be no department to choose
      if (name === 'department' && value === '-') continue; // none is chosen, which is another thing than nothing
      if (value) metadata[name] = value;
    }
    uploading = new AbortController();
    start.disabled = true;
    stop.hidden = bar.hidden = false;
    bar.value = 0;
    try {
      let percent = -1;
      await upload(chosen, metadata, {
        endpoint: '/api/v1/uploads',
        signal: uploading.signal,
        onProgress: (sent, all) => {
          const now = all ? Math.floor(100 * sent / all) : 100;
          if (now === percent) return;
          bar.value = percent = now;
          // Said aloud at every tenth only: a reader that hears each percent hears nothing else.
          if (now % 10 === 0) status.textContent = text('web.upload.going', { percent: now });
        },
        onWait: (seconds) => { status.textContent = text('web.upload.waiting', { seconds }); },
      });
      uploading = null;
      form.reset();
      status.textContent = text('web.upload.done');
      bar.hidden = true;
    } catch (error) {
      const stopped = uploading.signal.aborted;
      uploading = null;
      status.textContent = stopped ? text('web.upload.stopped') : error.detail || text('error.internal');
    } finally {
      start.disabled = false;
      stop.hidden = true;
    }
  });
}
