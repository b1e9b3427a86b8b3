// A small client of the tus 1.0 protocol: makes an upload, brings the file in slices, and goes on where
// it stopped after a lost connection, also when the page was closed in between.

const VERSION = '1.0.0';
const SLICE = 16 * 1024 * 1024;
const WAITS = [1, 2, 5, 10, 20, 30]; // seconds; the last is repeated
const GIVE_UP = 60;                  // tries in a row without one byte arriving

class Refused extends Error {
  constructor(status, detail) {
    super('refused with ' + status);
    this.status = status;
    this.detail = detail;
  }
}

// Trying again helps when nothing answered, the server is busy, or somebody holds the upload.
const passing = (status) => status === 0 || status === 408 || status === 409 || status === 423 || status === 429 || status >= 500 && status !== 507;

// upload sends file and resolves when its last byte has arrived. It rejects with an error whose detail is
// the server's sentence, or when signal is aborted.
export async function upload(file, metadata, { endpoint, signal, onProgress, onWait }) {
  const key = 'referent-upload-' + [file.size, file.lastModified, file.type].join('-'); // no name
  let url = localStorage.getItem(key);
  let offset = 0;
  for (let failures = 0; ;) {
    try {
      if (url) {
        const answer = await call('HEAD', url, {}, null, signal);
        const length = answer.getResponseHeader('Upload-Length');
        // Gone, or ended by somebody with less than the file: that upload can never have all of it.
        if ([403, 404, 410].includes(answer.status) || answer.status === 200 && Number(length) !== file.size) {
          url = null;
          localStorage.removeItem(key);
        } else {
          offset = Number(need(answer).getResponseHeader('Upload-Offset'));
        }
      }
      if (!url) {
        const made = need(await call('POST', endpoint, { 'Upload-Length': file.size, 'Upload-Metadata': encode(metadata) }, null, signal));
        url = made.getResponseHeader('Location');
        localStorage.setItem(key, url);
        offset = 0;
      }
      onProgress(offset, file.size);
      while (offset < file.size) {
        const from = offset;
        const answer = need(await call('PATCH', url, { 'Upload-Offset': from, 'Content-Type': 'application/offset+octet-stream' },
          file.slice(from, from + SLICE), signal, (sent) => onProgress(from + sent, file.size)));
        offset = Number(answer.getResponseHeader('Upload-Offset'));
        failures = 0;
        onProgress(offset, file.size);
      }
      localStorage.removeItem(key);
      return;
    } catch (error) {
      if (signal.aborted || !passing(error.status) || ++failures > GIVE_UP) throw error;
      const seconds = WAITS[Math.min(failures, WAITS.length) - 1];
      onWait(seconds);
      await pause(seconds * 1000, signal);
    }
  }
}

// call is XMLHttpRequest and not fetch, since only that tells how much of a body has gone out.
function call(method, url, headers, body, signal, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader('Tus-Resumable', VERSION);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    const abort = () => request.abort();
    signal.addEventListener('abort', abort);
    if (onSent) request.upload.addEventListener('progress', (e) => onSent(e.loaded));
    request.addEventListener('load', () => resolve(request));
    request.addEventListener('error', () => reject(new Refused(0)));
    request.addEventListener('abort', () => reject(new Refused(-1)));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    request.send(body);
  });
}

function need(request) {
  if (request.status >= 200 && request.status < 300) return request;
  let detail;
  try {
    detail = JSON.parse(request.responseText).detail;
  } catch {
    // not a problem document; the status says enough
  }
  throw new Refused(request.status, detail);
}

function encode(metadata) {
  return Object.entries(metadata).map(([key, value]) => {
    const bytes = new TextEncoder().encode(value);
    let binary = '';
    for (const b of bytes) binary += String.fromCharCode(b);
    return key + ' ' + btoa(binary);
  }).join(',');
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      removeEventListener('online', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    addEventListener('online', done); // the connection is back: no need to wait longer
  });
}
