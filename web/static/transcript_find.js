// Finding and replacing over all segments: the browser's own search sees only what is in view.
import { button, clock, element, say } from './transcript_words.js';
import { tidy } from './transcript_editor.js';

/** How many places the preview of a replacement lists. */
const LISTED = 50;

export class Find {
  /**
   * @param {import('./transcript_model.js').Model} model
   * @param {import('./transcript_sync.js').Sync} sync
   * @param {{show(id: string): void, changed(): void}} page
   */
  constructor(model, sync, page) {
    Object.assign(this, { model, sync, page });
    this.hits = [];
    this.now = -1;
    this.field = document.getElementById('find-text');
    const form = document.getElementById('find');
    form.addEventListener('submit', (e) => { e.preventDefault(); this.step(1); });
    form.addEventListener('input', (e) => { if (e.target.id !== 'replace-text') this.search(); this.hidePreview(); });
    document.getElementById('find-previous').addEventListener('click', () => this.step(-1));
    document.getElementById('replace-preview')?.addEventListener('click', () => this.preview());
    form.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape') return;
      this.field.value = '';
      this.search();
      this.hidePreview();
    });
  }

  /** The pattern that is searched for; null: none. */
  pattern() {
    const text = tidy(this.field.value);
    if (!text) return null;
    const plain = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const whole = document.getElementById('find-whole').checked;
    return new RegExp(whole ? `(?<![\\p{L}\\p{N}])${plain}(?![\\p{L}\\p{N}])` : plain, document.getElementById('find-case').checked ? 'gu' : 'giu');
  }

  search() {
    this.update();
    this.page.changed();
  }

  /** Looks again where the words have changed. */
  update() {
    const pattern = this.pattern();
    if (!pattern && !this.hits.length && !document.getElementById('found').textContent) return;
    this.hits = [];
    if (pattern) {
      for (const s of this.model.segments) {
        for (const m of this.model.text(s).matchAll(pattern)) this.hits.push({ id: s.id, from: m.index, to: m.index + m[0].length });
      }
    }
    this.now = Math.min(this.now, this.hits.length - 1);
    this.tell();
  }

  tell() {
    const found = document.getElementById('found');
    if (!this.pattern()) found.textContent = '';
    else if (!this.hits.length) found.textContent = say('transcript.find.none');
    else if (this.now < 0) found.textContent = say('transcript.find.count', { count: this.hits.length });
    else found.textContent = say('transcript.find.at', { at: this.now + 1, count: this.hits.length });
  }

  /** The hits in a segment. */
  of(id) { return this.hits.length ? this.hits.map((h, i) => ({ ...h, now: i === this.now })).filter((h) => h.id === id) : undefined; }

  step(by) {
    if (!this.hits.length) return;
    this.now = (this.now + by + this.hits.length + (this.now < 0 && by < 0 ? 1 : 0)) % this.hits.length;
    this.tell();
    this.page.changed();
    this.page.show(this.hits[this.now].id);
  }

  hidePreview() {
    const area = document.getElementById('preview');
    if (area) area.hidden = true;
  }

  /** What replacing would make of each segment. */
  edits() {
    const pattern = this.pattern(), to = document.getElementById('replace-text').value;
    if (!pattern) return [];
    const out = [];
    for (const id of new Set(this.hits.map((h) => h.id))) {
      const seen = this.model.seen(id), text = tidy(seen.text.replace(pattern, () => to));
      if (text !== seen.text && text) out.push({ do: 'text', segment: id, seen, text });
    }
    return out;
  }

  preview() {
    this.search();
    const area = document.getElementById('preview'), edits = this.edits();
    area.replaceChildren(element('p', {}, say(edits.length ? 'transcript.replace.count' : 'transcript.find.none', { count: this.hits.length, segments: edits.length })));
    if (edits.length) {
      area.append(element('ul', {}, ...edits.slice(0, LISTED).map((e) => element('li', {}, `${clock(this.model.get(e.segment).start)} `, element('del', {}, e.seen.text), ' ', element('ins', {}, e.text)))));
      if (edits.length > LISTED) area.append(element('p', { className: 'help' }, say('transcript.replace.more', { count: edits.length - LISTED })));
      area.append(button(say('transcript.replace.all', { segments: edits.length }), { id: 'replace-all', onclick: () => this.replace(edits) }));
    }
    area.hidden = false;
    area.focus();
  }

  replace(edits) {
    this.sync.save(edits, {
      saved: () => this.search(),
      conflict: () => { this.preview(); return false; },
    });
    this.hidePreview();
    this.field.focus();
  }
}
