// Who changed what, and going back to how it was.
import { button, clock, element, say } from './transcript_words.js';

export class Versions {
  /**
   * @param {import('./transcript_model.js').Model} model
   * @param {import('./transcript_sync.js').Sync} sync
   * @param {boolean} may
   */
  constructor(model, sync, may) {
    Object.assign(this, { model, sync, may });
    this.details = document.getElementById('versions');
    this.area = this.details.querySelector('div');
    this.details.addEventListener('toggle', () => this.show());
    this.area.addEventListener('click', (e) => {
      const act = e.target.closest('[data-version]')?.dataset;
      if (act?.do === 'compare') this.compare(Number(act.from), Number(act.version));
      if (act?.do === 'restore') this.restore(Number(act.version));
      if (act?.do === 'newer') this.show()?.then(() => this.area.querySelector('button')?.focus());
      if (act?.do === 'older') this.load(Number(act.version));
    });
  }

  /** Says that an open list is outdated: it is read anew when somebody asks for it, and nothing moves under the keyboard. */
  outdated() {
    if (!this.details.open || this.at === this.model.version || this.area.querySelector('[data-do=newer]')) return;
    this.area.prepend(button(say('transcript.newer'), { 'data-do': 'newer', 'data-version': '0' }));
  }

  /** Reads the list anew where it is open and outdated. */
  show() {
    if (!this.details.open || this.at === this.model.version) return undefined;
    this.at = this.model.version;
    this.rows = [];
    return this.load(0);
  }

  async load(before) {
    const answer = await fetch(`${this.sync.root}/transcript/versions?limit=15${before ? `&before=${before}` : ''}`).catch(() => null);
    if (!answer?.ok) {
      this.area.replaceChildren(element('p', { className: 'alert' }, say('transcript.offline_now')));
      return;
    }
    const list = await answer.json();
    this.rows.push(...list);
    const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'short', timeStyle: 'short' });
    const items = this.rows.map((v) => element('li', {},
      `${say('transcript.version', { version: v.version })} · ${v.by || say('transcript.machine')} · ${when.format(new Date(v.created))}`,
      v.from ? ` · ${say('transcript.changed', { count: v.changed })} ` : ' ',
      v.from > 0 && v.changed > 0 && button(say('transcript.compare'), { 'data-do': 'compare', 'data-version': v.version, 'data-from': v.from, 'aria-label': `${say('transcript.compare')} ${v.version}` }), ' ',
      this.may && !v.shown && button(say('transcript.restore'), { 'data-do': 'restore', 'data-version': v.version, 'aria-label': `${say('transcript.restore')} ${v.version}` })));
    this.area.replaceChildren(element('div', { id: 'compared', tabIndex: -1 }), element('ol', { className: 'history' }, ...items));
    const last = this.rows.at(-1);
    if (list.length === 15 && last.version > 1) this.area.append(button(say('transcript.older'), { 'data-do': 'older', 'data-version': last.version }));
  }

  async compare(from, to) {
    const answer = await fetch(`${this.sync.root}/transcript/comparison?from=${from}&to=${to}`).catch(() => null);
    const area = document.getElementById('compared');
    if (!answer?.ok) return;
    const line = (told, tag) => told && element(tag, {}, `${told.speaker ? `${told.speaker}: ` : ''}${told.text}`);
    area.replaceChildren(element('h3', {}, say('transcript.version', { version: to })), element('ul', { className: 'compared' }, ...(await answer.json()).map((d) =>
      element('li', {}, `${clock((d.after ?? d.before).start)} `, line(d.before, 'del'), ' ', line(d.after, 'ins'), d.after?.confirmed && !d.before?.confirmed && ` (${say('transcript.confirmed')})`))));
    area.focus();
  }

  async restore(to) {
    const answer = await this.sync.post('/transcript/restore', { version: this.model.version, to });
    const body = answer && await answer.json().catch(() => ({}));
    if (answer?.ok) {
      if (!this.model.apply(body.changes)) await this.sync.reload();
      this.sync.done.push({ from: body.from, seen: new Map(body.edited.map((id) => [id, this.model.stored(id)])) });
      this.sync.page.state('transcript.saved', { version: body.version });
    } else {
      await this.sync.catchUp();
      this.sync.page.failed(!answer ? 'transcript.offline_now' : body.version ? 'transcript.speakers.conflict' : body.detail);
    }
    this.sync.page.changed();
  }
}
