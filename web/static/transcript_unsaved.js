// What a person wrote and nobody stored: it stays on the page until the person has stored it after all, or lets it go.
import { button, clock, element, say } from './transcript_words.js';

export class Unsaved {
  /** @param {(id: string, kept: object) => boolean} open puts a text in its segment's form; false: it cannot now */
  constructor(open) {
    this.open = open;
    this.area = element('section', { id: 'unsaved', tabIndex: -1, 'aria-label': say('transcript.unsaved'), hidden: true });
    document.getElementById('failed').after(this.area);
  }

  get count() { return this.area.children.length; }

  /**
   * Keeps a text.
   * @param {string} id the segment's
   * @param {{written: string}} kept as the editor takes it
   * @param {string} why the key of a sentence
   * @param {number} [start] where the segment begins; not known: it is gone, and cannot be opened
   */
  add(id, kept, why, start) {
    const area = element('textarea', { className: 'ds-input', value: kept.written, rows: Math.min(Math.ceil(kept.written.length / 70) + 1, 6), readOnly: true,
      'aria-label': start === undefined ? say('transcript.unsaved') : `${say('transcript.unsaved')} ${clock(start)}` });
    const item = element('div', { className: 'alert ds-alert', 'data-color': 'danger', 'data-segment': id },
      element('p', { role: 'alert' }, start !== undefined && `${clock(start)} `, say(why)), area,
      element('div', { className: 'row tight' },
        start !== undefined && button(say('transcript.edit'), { 'data-unsaved': 'open', onclick: () => { if (this.open(id, kept)) this.drop(item); } }),
        button(say('transcript.unsaved.copy'), { 'data-unsaved': 'copy', onclick: () => this.copy(area) }),
        button(say('transcript.unsaved.dismiss'), { 'data-unsaved': 'dismiss', onclick: () => { this.drop(item); (this.count ? this.area : document.getElementById('transcript-title')).focus(); } })));
    this.area.append(item);
    this.area.hidden = false;
  }

  drop(item) {
    item.remove();
    this.area.hidden = !this.count;
  }

  copy(area) {
    area.focus();
    area.select(); // where the browser gives no clipboard, what is to be copied is marked
    navigator.clipboard?.writeText(area.value).catch(() => {});
  }
}
