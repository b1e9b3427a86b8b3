// Brings a recording to the server while it is made: tus 1.0 with a length that is told at the end. Each piece has
// its checksum, is kept in the browser until the server has it, and is sent again after a lost connection.
//
// Nothing that the server has not acknowledged is given up, whatever it answers, unless it says that the meeting was
// erased. An upload that takes no more, since it was finished elsewhere, ran out or is out of reach, is followed by
// another: what it has not got becomes a recording of its own, which begins with the first piece (the header of the
// container, without which the rest cannot be decoded).
import * as keep from './keep.js';

const BATCH = 1 << 20;          // bytes of one request at most, but one piece at least
const WAITS = [1, 2, 3, 5, 10]; // seconds; the last is repeated, for as long as the page lives
const PATIENCE = 20000;         // milliseconds for one request

/** What a sender can be, told to onState: all has been acknowledged, something is under way, or why it is not. */
export const SENT = 'sent', SENDING = 'sending', OFFLINE = 'offline', SIGNED_OUT = 'signed_out', FULL = 'full', REFUSED = 'refused';

/** Erased is that the meeting was erased, and so what was kept here. */
export class Erased extends Error {}

/**
 * @typedef {Object} Told what a sender tells of
 * @property {(state: string, waiting: number, detail?: string) => void} onState with the bytes that wait; REFUSED also with the server's sentence
 * @property {(id: string) => void} [onMeeting] there is a meeting for it
 * @property {() => void} [onApart] the rest becomes a recording of its own
 * @property {() => void} [onUnkept] the browser does not keep what waits
 * @property {() => void} [onMissed] a piece was lost before it came here
 */

export class Sender {
  /**
   * @param {keep.Kept} recording
   * @param {Told} told
   * @param {{from: number, bytes: ArrayBuffer}[]} [left] what an earlier page left of it; no more comes
   */
  constructor(recording, told, left) {
    this.recording = recording;
    this.told = told;
    this.pieces = left ?? []; // not acknowledged; from counts in what was recorded
    this.end = 0;             // where the next piece goes
    this.ended = Boolean(left);
    this.offset = 0;          // what the upload has acknowledged
    this.unsure = Boolean(recording.url); // the server must be asked how far it is
    this.over = false;        // the upload takes no more
    this.batch = BATCH;
    this.kept = Promise.resolve();
    this.wake = () => {}; // there is something to do
    this.goOn = () => {}; // ends the wait before the next try
    this.trim();
    /** Resolves to the meeting when all of it has come, to null when it was dropped; rejects with Erased. */
    this.done = this.run();
    this.done.catch(() => {});
  }

  /** resume makes a sender of what an earlier page left. */
  static async resume(recording, told) {
    return new Sender(recording, told, await keep.pieces(recording.id));
  }

  /** add takes the next piece; it is kept before it is sent. @param {Promise<ArrayBuffer>} bytes */
  add(bytes) {
    this.kept = this.kept.then(async () => {
      const got = await bytes;
      if (!got.byteLength) return;
      const from = this.end;
      this.end += got.byteLength;
      this.pieces.push({ from, bytes: got });
      this.wake();
      try {
        if (!from) await keep.keepRecording(Object.assign(this.recording, { header: got }));
        await keep.keepPiece(this.recording.id, from, got);
        if (from < this.at) await keep.dropBefore(this.recording.id, this.at);
      } catch {
        this.told.onUnkept?.(); // as in a private window; it is sent all the same
      }
    }).catch(() => this.told.onMissed?.());
  }

  /** finish says that there are no more pieces. */
  finish() {
    this.kept = this.kept.then(() => {
      this.ended = true;
      this.wake();
    });
  }

  /** drop gives up what has not been sent, since a person says so. */
  drop() {
    this.dropped = true;
    this.wake();
    this.goOn();
  }

  /** file is what has not been sent, as something that can be played. */
  file() {
    const { header, type } = this.recording;
    return new Blob([...(this.pieces[0]?.from && header ? [header] : []), ...this.pieces.map((p) => p.bytes)], { type });
  }

  get waiting() { return this.pieces.reduce((n, p) => n + p.bytes.byteLength, 0); }

  get base() { return this.recording.base ?? 0; } // where in what was recorded the upload begins
  get lead() { return (this.base && this.recording.header) || new ArrayBuffer(0); } // what it has before that
  get at() { return this.base + Math.max(this.offset - this.lead.byteLength, 0); }  // how far of what was recorded has come

  async run() {
    for (let failures = 0, refusals = 0; ;) {
      if (this.dropped) {
        await keep.forget(this.recording.id).catch(() => {});
        return null;
      }
      if (!this.pieces.length && !this.ended && this.recording.url) {
        this.told.onState(SENT, 0);
        await new Promise((resolve) => { this.wake = resolve; });
        continue;
      }
      try {
        this.told.onState(failures ? this.state : SENDING, this.waiting, this.detail);
        if (!this.recording.url) await this.create();
        if (this.unsure) await this.ask();
        if (await this.send()) return this.recording.meeting;
        failures = refusals = 0;
        this.batch = Math.min(2 * this.batch, BATCH);
      } catch (error) {
        if (error instanceof Erased) {
          await keep.forget(this.recording.id).catch(() => {});
          throw error;
        }
        const passing = !error.status || error.status >= 500 || [408, 423, 429].includes(error.status);
        if (!passing && error.status !== 401) refusals++;
        this.unsure = Boolean(this.recording.url);
        this.batch = Math.max(Math.floor(Math.min(this.batch, this.waiting) / 2), 1); // a slow line takes less in its time
        // One refusal may be of what another request has changed meanwhile; the server is asked before the next.
        this.state = { 401: SIGNED_OUT, 507: FULL }[error.status] ?? (refusals > 1 && !passing ? REFUSED : OFFLINE);
        this.detail = this.state === REFUSED ? error.detail : undefined;
        this.told.onState(this.state, this.waiting, this.detail);
        await this.pause(WAITS[Math.min(failures++, WAITS.length - 1)] * 1000);
      }
    }
  }

  async create() {
    const answer = await this.call('POST', '/api/v1/uploads', { 'Upload-Defer-Length': '1', 'Upload-Metadata': encode(this.recording.metadata),
      'Idempotency-Key': this.recording.id + ' ' + this.base }); // when the answer is lost, no second meeting is made
    await need(answer);
    this.recording.url = answer.headers.get('Location');
    this.recording.meeting = answer.headers.get('Referent-Meeting');
    await keep.keepRecording(this.recording).catch(() => {});
    this.told.onMeeting?.(this.recording.meeting);
  }

  async ask() {
    const answer = await this.call('HEAD', this.recording.url, { 'Referent-Meeting': this.recording.meeting });
    // Only Referent itself can say that the upload is gone, and not a proxy while Referent is away.
    if ([403, 404, 410].includes(answer.status) && answer.headers.has('Tus-Resumable')) {
      if (answer.headers.has('Referent-Erased')) throw new Erased();
      this.over = true;
    } else {
      await need(answer);
      const length = answer.headers.get('Upload-Length');
      await this.acknowledged(Number(answer.headers.get('Upload-Offset')));
      this.over = length !== null && Number(length) === this.offset;
    }
    this.unsure = false;
  }

  // send brings some pieces that follow each other, and with the last of them the length. It tells whether that was
  // all. Where a piece is missing the upload ends, and what is after it goes on in another.
  async send() {
    if (this.over) {
      if (this.pieces.length) await this.renew();
      else if (this.ended) await keep.forget(this.recording.id).catch(() => {});
      return this.ended && !this.pieces.length;
    }
    if (!this.offset && this.pieces.length && this.pieces[0].from > this.at) await this.begin(this.pieces[0].from);
    const parts = this.offset < this.lead.byteLength ? [this.lead.slice(this.offset)] : [];
    let size = 0, count = 0;
    for (const p of this.pieces) {
      if (p.from !== this.at + size || count && size + p.bytes.byteLength > this.batch) break;
      parts.push(p.bytes);
      size += p.bytes.byteLength;
      count++;
    }
    const next = this.pieces[count];
    const gap = Boolean(next) && next.from !== this.at + size;
    const last = gap || this.ended && !next;
    if (!count && !last) return false;
    const body = await new Blob(parts).arrayBuffer();
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
    const end = this.offset + body.byteLength;
    const headers = { 'Upload-Offset': String(this.offset), 'Content-Type': 'application/offset+octet-stream',
      'Upload-Checksum': 'sha256 ' + btoa(String.fromCharCode(...sum)) };
    if (last) headers['Upload-Length'] = String(end);
    const answer = await this.call('PATCH', this.recording.url, headers, body);
    await need(answer);
    if (answer.headers.get('Upload-Offset') !== String(end)) throw new Error('the answer is about something else');
    await this.acknowledged(end);
    this.over = last;
    if (last && !gap) await keep.forget(this.recording.id).catch(() => {});
    return last && !gap;
  }

  // renew makes a recording of its own of what the upload has not got. One that took nothing is not followed by
  // another and another: then the person is told, and it is tried again on a later page.
  async renew() {
    if (this.renewed && !this.offset) throw Object.assign(new Error('nothing is taken'), { status: 404 });
    this.renewed = true;
    Object.assign(this.recording, { url: undefined, meeting: undefined });
    await this.begin(this.pieces[0].from);
  }

  // begin says where in what was recorded the upload begins.
  async begin(base) {
    this.recording.base = base;
    this.offset = 0;
    this.over = false;
    await keep.keepRecording(this.recording).catch(() => {});
    if (base) this.told.onApart?.();
  }

  async acknowledged(offset) {
    this.offset = offset;
    this.trim();
    await keep.dropBefore(this.recording.id, this.at).catch(() => {});
  }

  // trim takes away what the server has.
  trim() {
    const at = this.at;
    this.pieces = this.pieces.filter((p) => p.from + p.bytes.byteLength > at);
    const first = this.pieces[0];
    if (first && first.from < at) this.pieces[0] = { from: at, bytes: first.bytes.slice(at - first.from) };
  }

  // call asks as whoever recorded: when somebody else has signed in meanwhile, the server refuses as if nobody had.
  call(method, url, headers, body) {
    return fetch(url, { method, body, redirect: 'error', signal: AbortSignal.timeout(PATIENCE),
      headers: { 'Tus-Resumable': '1.0.0', 'Referent-User': this.recording.user, ...headers } });
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        removeEventListener('online', done);
        resolve();
      };
      this.goOn = done;
      const timer = setTimeout(done, milliseconds);
      addEventListener('online', done);
    });
  }
}

// need throws unless the answer is good, and Referent's.
async function need(answer) {
  if (answer.ok && answer.headers.has('Tus-Resumable')) return;
  const problem = await answer.json().catch(() => null);
  throw Object.assign(new Error('refused with ' + answer.status), { status: answer.ok ? 0 : answer.status, detail: problem?.detail });
}

function encode(metadata) {
  return Object.entries(metadata).map(([key, value]) => {
    let binary = '';
    for (const b of new TextEncoder().encode(value)) binary += String.fromCharCode(b);
    return key + ' ' + btoa(binary);
  }).join(',');
}
