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
function watch(url, each) {
  const source = new EventSource(url);
  for (const type of ['state', 'progress', 'failed', 'deleted']) {
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

const meeting = document.getElementById('meeting');
if (meeting) {
  const shown = meeting.querySelector('.state').dataset.state;
  watch(meeting.dataset.events, (event, type) => {
    if (type === 'deleted') location.assign('/');
    else if (event.state !== shown || type === 'state') location.reload(); // there is more to show than a word
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
    for (const name of ['title', 'kind', 'language', 'date', 'participants', 'agenda']) {
      const value = form.elements[name].value.trim();
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
