// @ts-check
// A small client of the tus 1.0 protocol: makes an upload, brings the file in slices, and goes on where
// it stopped after a lost connection, also when the page was closed in between.

const VERSION = '1.0.0';
const SLICE = 16 * 1024 * 1024;
const WAITS = [1, 2, 5, 10, 20, 30]; // seconds; the last is repeated
const GIVE_UP = 60;                  // tries in a row without one byte arriving

class Refused extends Error {
  /**
   * @param {number} status 0: nobody answered; -1: it was stopped
   * @param {string} [detail] the server's sentence
   */
  constructor(status, detail) {
    super('refused with ' + status);
    this.status = status;
    this.detail = detail;
  }
}

// Trying again helps when nothing answered, the server is busy, or somebody holds the upload.
/** @param {number} status */
const passing = (status) => status === 0 || status === 408 || status === 409 || status === 423 || status === 429 || status >= 500 && status !== 507;

/**
 * upload sends file and resolves when its last byte has arrived. It rejects with an error whose detail is
 * the server's sentence, or when signal is aborted.
 * @param {File} file
 * @param {Record<string, string>} metadata
 * @param {{endpoint: string, signal: AbortSignal, onProgress: (sent: number, all: number) => void,
 *   onWait: (seconds: number) => void}} options onWait is told before another try
 * @returns {Promise<void>}
 */
export async function upload(file, metadata, { endpoint, signal, onProgress, onWait }) {
  const key = await keyOf(file);
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
        const made = need(await call('POST', endpoint, { 'Upload-Length': String(file.size), 'Upload-Metadata': encode(metadata) }, null, signal));
        url = made.getResponseHeader('Location');
        if (!url) throw new Refused(made.status);
        localStorage.setItem(key, url);
        offset = 0;
      }
      onProgress(offset, file.size);
      while (offset < file.size) {
        const from = offset;
        const answer = need(await call('PATCH', url, { 'Upload-Offset': String(from), 'Content-Type': 'application/offset+octet-stream' },
          file.slice(from, from + SLICE), signal, (sent) => onProgress(from + sent, file.size)));
        offset = Number(answer.getResponseHeader('Upload-Offset'));
        failures = 0;
        onProgress(offset, file.size);
      }
      localStorage.removeItem(key);
      return;
    } catch (error) {
      if (signal.aborted || !(error instanceof Refused) || !passing(error.status) || ++failures > GIVE_UP) throw error;
      const seconds = WAITS[Math.min(failures, WAITS.length) - 1];
      onWait(seconds);
      await pause(seconds * 1000, signal);
    }
  }
}

const EDGE = 64 * 1024; // bytes

/**
 * keyOf is under which the address of a file's upload is remembered. Two files that are sent side by side must never
 * have one key: the second would be taken for sent. It tells neither the name nor what is in the file.
 * @param {File} file
 * @returns {Promise<string>}
 */
async function keyOf(file) {
  const name = new TextEncoder().encode(file.name);
  const edges = await new Blob([name, '\0', file.slice(0, EDGE), file.slice(Math.max(file.size - EDGE, EDGE))]).arrayBuffer();
  let a = 0x811c9dc5, b = 0x01000193; // two runs of FNV-1a: crypto.subtle is not there on plain http
  for (const byte of new Uint8Array(edges)) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x85ebca6b);
  }
  return 'referent-upload-' + [file.size, file.lastModified, a >>> 0, b >>> 0].join('-');
}

/**
 * call is XMLHttpRequest and not fetch, since only that tells how much of a body has gone out.
 * @param {string} method
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {Blob | null} body
 * @param {AbortSignal} signal
 * @param {(sent: number) => void} [onSent]
 * @returns {Promise<XMLHttpRequest>} whatever the answer is; rejected with Refused where none came
 */
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

/**
 * need is the request when it was answered with success; else it throws Refused.
 * @param {XMLHttpRequest} request
 */
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

/** @param {Record<string, string>} metadata */
function encode(metadata) {
  return Object.entries(metadata).map(([key, value]) => {
    const bytes = new TextEncoder().encode(value);
    let binary = '';
    for (const b of bytes) binary += String.fromCharCode(b);
    return key + ' ' + btoa(binary);
  }).join(',');
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal ends it early
 * @returns {Promise<void>}
 */
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
