// Brings edits to the server, one batch at a time, and others' work from there. What could not be sent is kept and sent
// again. Undo is a batch too: it puts the segments back as they were in the version before.

/** Waits between attempts, in seconds. */
const WAITS = [1, 2, 4, 8, 15];

/** The most edits of a batch. More than these are each of a segment of its own, and are sent one part after the other. */
const PART = 2000;

/** A name that no other batch has, by which the server knows one that is sent again. */
const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

export class Sync {
  /**
   * @param {import('./transcript_model.js').Model} model
   * @param {string} root address of the meeting in the API
   * @param {{changed(): void, state(key: string, values?: object): void, failed(sentence: string): void}} page
   */
  constructor(model, root, page) {
    Object.assign(this, { model, root, page });
    this.queue = [];
    this.busy = false;
    this.naming = false;
    this.done = [];
    this.undone = [];
    addEventListener('online', () => this.wake?.());
  }

  /**
   * Sends a batch. The job's conflict(changed) is called when a segment is not as it was seen, failed() when the batch
   * cannot be done at all, saved() when it is stored.
   * @param {object[]} edits
   * @param {{saved?: () => void, conflict?: (changed: object) => boolean | void, failed?: () => void, stack?: object[]}} job
   */
  save(edits, job = {}) {
    for (const e of edits) if (e.do === 'text') this.model.pending.set(e.segment, e.text);
    for (let i = 0; i < edits.length; i += PART) this.queue.push({ batch: fresh(), edits: edits.slice(i, i + PART), stack: this.done, ...job });
    this.page.changed();
    this.pump();
  }

  get unsaved() { return this.queue.length > 0; }

  async pump() {
    if (this.busy) return;
    this.busy = true;
    let attempt = 0;
    while (this.queue.length) {
      const job = this.queue[0];
      this.page.state('transcript.saving');
      const answer = await this.post('/transcript/edits', { since: this.model.version, batch: job.batch, edits: job.edits });
      const body = answer && await answer.json().catch(() => ({}));
      const passing = !answer || [401, 429, 502, 503, 504].includes(answer.status) || (answer.status === 409 && body.version);
      if (passing) {
        const seconds = answer?.status === 409 ? 0 : WAITS[Math.min(attempt++, WAITS.length - 1)];
        if (seconds) this.page.state(answer?.status === 401 ? 'transcript.signed_out' : 'transcript.offline', { seconds, count: this.queue.length });
        await this.wait(seconds);
        continue;
      }
      attempt = 0;
      this.queue.shift();
      for (const e of job.edits) {
        if (e.do === 'text' && this.model.pending.get(e.segment) === e.text) this.model.pending.delete(e.segment);
      }
      if (answer.ok) await this.stored(job, body);
      else await this.refused(job, body);
      this.page.changed();
    }
    this.busy = false;
    this.follow();
  }

  async stored(job, body) {
    if (!this.model.apply(body.changes)) await this.reload();
    if (body.version !== body.from) {
      job.stack.push({ from: body.from, seen: new Map(body.edited.map((id) => [id, this.model.stored(id)])) });
      if (job.fresh !== false) this.undone.length = 0;
    }
    this.page.state('transcript.saved', { version: body.version });
    job.saved?.();
  }

  async refused(job, body) {
    await this.catchUp();
    if (body.changed) {
      this.page.state('transcript.not_saved');
      if (!job.conflict?.(body.changed)) this.page.failed('transcript.conflict');
    } else {
      this.page.state('transcript.not_saved');
      this.page.failed(body.detail ?? 'transcript.failed');
      job.failed?.();
    }
  }

  post(path, body, method = 'POST') {
    return fetch(this.root + path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).catch(() => null);
  }

  wait(seconds) {
    return new Promise((go) => {
      const timer = setTimeout(go, seconds * 1000);
      this.wake = () => { clearTimeout(timer); go(); };
    });
  }

  /** Takes in what others did, when nothing of this page is on its way: its own answer brings that along. */
  async follow() {
    if (this.busy || this.naming || this.following) {
      this.again = true;
      return;
    }
    this.following = true;
    do {
      this.again = false;
      const before = this.model.version;
      await this.catchUp();
      if (this.model.version !== before) this.page.changed();
    } while (this.again && !this.busy);
    this.following = false;
  }

  async catchUp() {
    const since = this.model.version;
    const answer = await fetch(`${this.root}/transcript/changes?since=${since}`).catch(() => null);
    if (answer?.status === 404) return this.reload();
    if (!answer?.ok) return;
    const changes = await answer.json();
    // Older than what came meanwhile, it is nothing; newer, and of a version that was left meanwhile, it is asked for again.
    if (changes.version > this.model.version && !this.model.apply(changes)) await this.catchUp();
  }

  async reload() {
    const answer = await fetch(`${this.root}/transcript`).catch(() => null);
    if (answer?.ok) this.model.load(await answer.json());
  }

  /** Takes the last batch back, or with the stacks the other way round, makes it again. */
  undo(from = this.done, to = this.undone) {
    const last = from.pop();
    if (!last) return;
    if (last.back) { // not a batch: it knows how to take itself back
      last.back(to);
      return;
    }
    const edits = [...last.seen].map(([segment, seen]) => ({ do: 'restore', segment, seen, version: last.from }));
    this.save(edits, { stack: to, fresh: false, conflict: () => { this.page.failed('transcript.undo.conflict'); return true; } });
  }

  redo() { this.undo(this.undone, this.done); }

  /**
   * Changes speakers as a whole. The API for that makes the edit for the version that is told.
   * @returns {Promise<object | null>} the answer; null: it was not done, and the page says why
   */
  async speakers(method, path, body) {
    const from = this.model.version;
    this.naming = true; // what it does is not shown before it can be taken back
    const answer = await this.post(path, { version: from, ...body }, method);
    const told = answer && await answer.json().catch(() => ({}));
    await this.catchUp().finally(() => { this.naming = false; });
    this.page.changed();
    if (this.again) this.follow();
    if (!answer?.ok) {
      this.page.state('transcript.not_saved');
      this.page.failed(!answer ? 'transcript.offline_now' : told.version ? 'transcript.speakers.conflict' : told.detail ?? 'transcript.failed');
      return null;
    }
    this.undone.length = 0;
    this.page.state('transcript.saved', { version: told.version });
    return { from, ...told };
  }
}
