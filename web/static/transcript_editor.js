// The form of one segment: its words, its speaker, where it begins and ends. What is written stays here until it is
// stored, whatever others do meanwhile.
import { button, clock, element, say } from './transcript_words.js';

/** How long it takes to see that there is another text, in milliseconds. */
const READ = 1500;

export class Editor {
  /**
   * @param {import('./transcript_model.js').Model} model
   * @param {import('./transcript_sync.js').Sync} sync
   * @param {{close(id: string): void, open(id: string, kept: object): void}} page
   */
  constructor(model, sync, page) {
    Object.assign(this, { model, sync, page });
    /** What is open: the segment's id, what the person saw, and what is written. */
    this.of = null;
  }

  /** Opens a segment. kept is what was written and could not be stored. */
  open(id, kept) {
    const seen = kept?.seen ?? this.model.seen(id);
    if (seen.gone) return;
    const written = kept?.written ?? seen.text;
    this.of = { id, seen, written, opened: written, other: kept?.other, newer: kept?.newer };
  }

  /**
   * Takes a text that could not be stored into the open form of its segment.
   * @returns {boolean} false: something else is written there
   */
  take(kept) {
    const { of } = this;
    if (of.written === of.opened) of.written = of.opened = kept.written;
    else if (of.seen.text !== tidy(kept.written)) return false; // else it was gone on from
    Object.assign(of, { seen: kept.seen, other: kept.other, newer: kept.newer });
    return true;
  }

  get dirty() { return this.of !== null && tidy(this.of.written) !== this.of.seen.text; }

  /** All words are taken away. */
  get blank() { return this.of !== null && !tidy(this.of.written); }

  close() {
    const id = this.of?.id;
    this.of = null;
    if (id) this.page.close(id);
  }

  /** The form, in the place of the segment's words. */
  view(s) {
    const { of, model } = this, time = clock(s.start);
    const open = () => this.of === of; // it acts on the segment that it was made for, and on no other
    const area = element('textarea', { id: 'edit-text', className: 'ds-input', value: of.written, rows: Math.min(Math.ceil(of.written.length / 70) + 1, 12), maxLength: Math.max(20000, of.written.length), spellcheck: true });
    area.addEventListener('input', () => { of.written = area.value; });
    area.addEventListener('keydown', (e) => {
      if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
        e.preventDefault();
        if (!e.repeat && open()) this.store();
      }
    });
    area.addEventListener('beforeinput', (e) => { if (e.inputType === 'insertLineBreak') e.preventDefault(); }); // a segment is one line
    const others = model.speakers.filter((v) => v.id !== s.speaker);
    const choice = element('select', { id: 'edit-speaker', className: 'name ds-input' },
      ...others.map((v) => element('option', { value: v.id }, v.name || v.id)), element('option', { value: 'new' }, say('transcript.speaker.new')));
    const rest = element('input', { type: 'checkbox', id: 'edit-rest', className: 'tick' });
    const form = element('form', { className: 't-form', 'aria-label': `${say('transcript.edit')} ${time}` },
      of.other !== undefined && element('p', { className: 'alert', id: 'edit-other', role: 'alert' }, say('transcript.conflict.now'), ' ', element('q', {}, of.other)),
      element('label', { for: 'edit-text' }, say('transcript.edit.text', { time })), area,
      element('p', { className: 'help', id: 'edit-help' }, say('transcript.edit.help')),
      element('div', { className: 'row tight' },
        element('button', { className: 'small ds-button', id: 'edit-save' }, say('transcript.save')),
        button(say('transcript.cancel'), { 'data-edit': 'cancel' }),
        !s.confirmed && button(say('transcript.confirm'), { 'data-edit': 'confirm' }),
        button(say('transcript.split'), { 'data-edit': 'split' }),
        button(say('transcript.join'), { 'data-edit': 'join', disabled: model.placeOf(s.id) === model.segments.length - 1 }),
        button(say('transcript.remove'), { 'data-edit': 'remove' })),
      element('div', { className: 'row tight' },
        element('label', { for: 'edit-speaker' }, say('transcript.speaker')), choice,
        element('span', { className: 'tickline' }, rest, element('label', { for: 'edit-rest' }, say('transcript.speaker.rest'))),
        button(say('transcript.speaker.give'), { 'data-edit': 'give' })),
      ...model.correctionsOf(s.id).map((c) => element('p', { className: 'row tight' }, say('transcript.correction', { from: c.from, to: c.to }), ' ',
        button(say('transcript.correction.revert'), { 'data-edit': 'revert', 'data-word': String(c.word) }))));
    area.setAttribute('aria-describedby', 'edit-help');
    form.addEventListener('submit', (e) => { e.preventDefault(); if (open()) this.store(); });
    form.addEventListener('keydown', (e) => {
      if (!open()) return;
      if (e.key === 'Escape') this.close();
      if (e.key === 'Enter' && e.ctrlKey && e.target !== area && !e.repeat) {
        e.preventDefault();
        this.store();
      }
    });
    form.addEventListener('click', (e) => {
      const act = e.target.closest('[data-edit]')?.dataset;
      if (act && open()) this.act(act, { area, choice, rest });
    });
    form.addEventListener('focusin', () => { if (open()) this.comesTo(); });
    return form;
  }

  /** The person is in the form, and begins to read what somebody else wrote. */
  comesTo() {
    if (this.of?.newer) this.of.newer.at ??= performance.now();
  }

  /** Counts what somebody else wrote as seen, once it has been shown for as long as it takes to read. */
  read() {
    const { newer } = this.of;
    if (newer?.at !== undefined && performance.now() - newer.at > READ) this.of.seen = newer.seen;
  }

  /** Puts the keyboard at the end of what is written. */
  focus() {
    const area = document.getElementById('edit-text');
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
    this.comesTo();
  }

  /** The edit that makes the words what is written; none when they are. */
  textEdit(heard) {
    const { id, seen, written } = this.of, text = tidy(written);
    return text === seen.text ? [] : [{ do: 'text', segment: id, seen, text, heard }];
  }

  store() {
    if (this.blank) {
      document.getElementById('edit-help').textContent = say('transcript.edit.blank');
      return;
    }
    this.read();
    const edits = this.textEdit(true);
    if (edits.length) this.send(edits); else this.close();
  }

  act({ edit, word }, { area, choice, rest }) {
    const { id } = this.of, text = tidy(this.of.written);
    if (edit === 'cancel') return this.close();
    this.read();
    if (edit === 'remove') return this.send([{ do: 'remove', segment: id, seen: this.of.seen }]);
    if (!text) return this.store(); // which says why not
    const before = this.textEdit(false), seen = { ...this.of.seen, text };
    const one = (e) => this.send([...before, { segment: id, seen, ...e }]);
    switch (edit) {
      case 'confirm': return one({ do: 'confirm' });
      case 'give': return one({ do: 'speaker', speaker: choice.value, rest: rest.checked });
      case 'revert': return before.length ? undefined : one({ do: 'revert', word: Number(word) });
      case 'join': {
        const next = this.model.segments[this.model.placeOf(id) + 1];
        return next && one({ do: 'join', next: this.model.seen(next.id) });
      }
      case 'split': {
        const words = area.value.slice(0, area.selectionStart).split(/\s+/).filter(Boolean).length;
        if (words < 1 || words >= text.split(' ').length) {
          document.getElementById('edit-help').textContent = say('transcript.split.where');
          area.focus();
          return undefined;
        }
        return one({ do: 'split', word: words });
      }
    }
    return undefined;
  }

  /** Sends edits and closes. What is not stored is opened again with what was written. */
  send(edits) {
    const { id, written, seen } = this.of, typed = this.dirty && !this.blank;
    this.close();
    this.sync.save(edits, {
      conflict: ({ segment, now }) => {
        // What stands there now is seen when it can have been read, not before: until then Enter stores nothing over it.
        const other = segment === id && now ? { other: now.text, newer: { seen: { text: now.text, speaker: now.speaker } } } : {};
        if (typed) this.page.open(id, { written, seen, ...other, gone: segment === id && !now });
        return typed && segment === id;
      },
      failed: () => typed && this.page.open(id, { written, seen }),
    });
  }
}

/** A text as the server keeps it: words with one space between. */
export const tidy = (text) => text.split(/\s+/).filter(Boolean).join(' ');
