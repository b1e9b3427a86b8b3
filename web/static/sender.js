// Brings a recording to the server while it is made: tus 1.0 with a length that is told at the end. Each piece has
// its checksum, is kept in the browser until the server has it, and is sent again after a lost connection.
import * as keep from './keep.js';

const BATCH = 1 << 20;
const WAITS = [1, 2, 3, 5, 10]; // seconds; the last is repeated, for as long as the page lives
const PATIENCE = 20000;         // milliseconds for one request

/** What a sender can be, told to onState: all has been acknowledged, something is under way, or why it is not. */
export const SENT = 'sent', SENDING = 'sending', OFFLINE = 'offline', SIGNED_OUT = 'signed_out', FULL = 'full';

/** Over is why nothing more of a recording can be sent. */
export class Over extends Error {
  constructor(why, detail) {
    super(why);
    this.why = why; // 'refused', 'gone' or 'finished'
    this.detail = detail;
  }
}

export class Sender {
  /**
   * @param {keep.Kept} recording
   * @param {{onState: (state: string, waiting: number) => void, onMeeting?: (id: string) => void}} told
   */
  constructor(recording, told) {
    this.recording = recording;
    this.told = told;
    this.pieces = [];    // {from, bytes}, not acknowledged
    this.end = 0;        // where the next piece goes
    this.ended = false;  // there are no more
    this.offset = 0;     // acknowledged
    this.unsure = Boolean(recording.url); // the server must be asked how far it is
    this.kept = Promise.resolve();
    this.wake = () => {};
    /** Resolves when all of it has come; rejects with Over. */
    this.done = this.run();
    this.done.catch(() => {});
  }

  /** resume makes a sender of what an earlier page left. */
  static async resume(recording, told) {
    const pieces = await keep.pieces(recording.id);
    const s = new Sender(recording, told);
    s.pieces = pieces;
    const last = pieces.at(-1);
    s.end = last ? last.from + last.bytes.byteLength : 0;
    s.finish();
    return s;
  }

  /** add takes the next piece; it is kept before it is sent. @param {Promise<ArrayBuffer>} bytes */
  add(bytes) {
    this.kept = this.kept.then(async () => {
      const piece = { from: this.end, bytes: await bytes };
      if (!piece.bytes.byteLength) return;
      this.end += piece.bytes.byteLength;
      this.pieces.push(piece);
      this.wake();
      // A browser that keeps nothing, as in a private window, still sends.
      await keep.keepPiece(this.recording.id, piece.from, piece.bytes).catch(() => {});
      if (piece.from < this.offset) await keep.dropBefore(this.recording.id, this.offset).catch(() => {});
    });
  }

  /** finish says that there are no more pieces. */
  finish() {
    this.kept = this.kept.then(() => {
      this.ended = true;
      this.wake();
    });
  }

  get waiting() { return this.pieces.reduce((n, p) => n + p.bytes.byteLength, 0); }

  async run() {
    for (let failures = 0, refusals = 0; ;) {
      if (!this.pieces.length && !this.ended && this.recording.url) {
        this.told.onState(SENT, 0);
        await new Promise((resolve) => { this.wake = resolve; });
        continue;
      }
      try {
        this.told.onState(failures ? this.state : SENDING, this.waiting);
        if (!this.recording.url) await this.create();
        if (this.unsure) await this.ask();
        if (await this.send()) return this.recording.meeting;
        failures = refusals = 0;
      } catch (error) {
        if (error instanceof Over) {
          if (error.why !== 'refused') await keep.forget(this.recording.id).catch(() => {});
          throw error;
        }
        // What is refused again after the server was asked, as when the meeting was cancelled, stays refused.
        if (error.status >= 400 && error.status < 500 && ![401, 408, 423, 429].includes(error.status) && ++refusals > 2) throw new Over('refused', error.detail);
        this.unsure = Boolean(this.recording.url);
        this.state = { 401: SIGNED_OUT, 507: FULL }[error.status] ?? OFFLINE;
        this.told.onState(this.state, this.waiting);
        await pause(WAITS[Math.min(failures++, WAITS.length - 1)] * 1000);
      }
    }
  }

  async create() {
    const answer = await call('POST', '/api/v1/uploads', { 'Upload-Defer-Length': '1', 'Upload-Metadata': encode(this.recording.metadata) });
    await this.need(answer, true);
    this.recording.url = answer.headers.get('Location');
    this.recording.meeting = answer.headers.get('Referent-Meeting');
    await keep.keepRecording(this.recording).catch(() => {});
    this.told.onMeeting?.(this.recording.meeting);
  }

  async ask() {
    const answer = await call('HEAD', this.recording.url, {});
    if ([403, 404, 410].includes(answer.status)) throw new Over('gone');
    await this.need(answer, false);
    const offset = Number(answer.headers.get('Upload-Offset'));
    const length = answer.headers.get('Upload-Length');
    if (this.ended) this.end = Math.max(this.end, offset); // an earlier page may have deleted what had come
    await this.reached(offset);
    if (length !== null && Number(length) === offset && !(this.ended && this.end === offset)) throw new Over('finished');
    this.unsure = false;
  }

  // send brings some pieces, and with the last of them the length. It tells whether that was all.
  async send() {
    const batch = [];
    let size = 0;
    for (const p of this.pieces) {
      if (batch.length && size + p.bytes.byteLength > BATCH) break;
      batch.push(p.bytes);
      size += p.bytes.byteLength;
    }
    const last = this.ended && this.offset + size === this.end;
    if (!size && !last) return false;
    const body = await new Blob(batch).arrayBuffer();
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
    const headers = { 'Upload-Offset': String(this.offset), 'Content-Type': 'application/offset+octet-stream',
      'Upload-Checksum': 'sha256 ' + btoa(String.fromCharCode(...sum)) };
    if (last) headers['Upload-Length'] = String(this.end);
    const answer = await call('PATCH', this.recording.url, headers, body);
    await this.need(answer, false);
    await this.reached(Number(answer.headers.get('Upload-Offset')));
    if (last) await keep.forget(this.recording.id).catch(() => {});
    return last;
  }

  async reached(offset) {
    this.offset = offset;
    this.pieces = this.pieces.filter((p) => p.from + p.bytes.byteLength > offset);
    const first = this.pieces[0];
    if (first && first.from < offset) first.bytes = first.bytes.slice(offset - first.from), first.from = offset;
    await keep.dropBefore(this.recording.id, offset).catch(() => {});
  }

  // need throws unless the answer is good: Over where sending again cannot help.
  async need(answer, creating) {
    if (answer.ok) return;
    const problem = await answer.json().catch(() => null);
    const error = Object.assign(new Error('refused with ' + answer.status), { status: answer.status, detail: problem?.detail });
    if (!creating || answer.status === 401 || answer.status === 408 || answer.status === 429 || answer.status >= 500) throw error;
    throw new Over('refused', problem?.detail);
  }
}

async function call(method, url, headers, body) {
  return fetch(url, { method, body, headers: { 'Tus-Resumable': '1.0.0', ...headers }, signal: AbortSignal.timeout(PATIENCE) });
}

function encode(metadata) {
  return Object.entries(metadata).map(([key, value]) => {
    let binary = '';
    for (const b of new TextEncoder().encode(value)) binary += String.fromCharCode(b);
    return key + ' ' + btoa(binary);
  }).join(',');
}

function pause(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      removeEventListener('online', done);
      resolve();
    }
    addEventListener('online', done);
  });
}
