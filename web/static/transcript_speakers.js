// Speakers as a whole: named, merged, parted. It is the API of speakers that does it.
import { button, element, say } from './transcript_words.js';
import { voice } from './transcript_segment.js';

const changed = (field) => field.value !== field.defaultValue;

export class Speakers {
  /**
   * @param {import('./transcript_model.js').Model} model
   * @param {import('./transcript_sync.js').Sync} sync
   * @param {boolean} may
   */
  constructor(model, sync, may) {
    Object.assign(this, { model, sync, may });
    this.list = document.querySelector('#voices ul');
    this.list.addEventListener('submit', (e) => {
      e.preventDefault();
      const form = e.target;
      this.rename(form.dataset.id, form.elements.name.value);
    });
    this.list.addEventListener('click', (e) => {
      const act = e.target.closest('[data-voice]')?.dataset;
      if (act?.voice === 'merge') this.move(act.id, 'merge', { into: document.getElementById(`voice-into-${act.id}`).value });
      if (act?.voice === 'split') this.move(act.id, 'split', {});
    });
  }

  /** Shows the speakers anew, unless a name is being written. */
  show() {
    const now = JSON.stringify(this.model.speakers);
    if (now === this.shown || this.list.contains(document.activeElement) && document.activeElement.matches('input, select')) return;
    this.shown = now;
    const written = this.names().filter(changed).map((i) => [i.id, i.value]);
    this.list.replaceChildren(...this.model.speakers.map((v) => this.row(v)));
    for (const [id, name] of written) {
      const field = document.getElementById(id);
      if (field) field.value = name;
    }
  }

  names() { return [...this.list.querySelectorAll('input[name=name]')]; }

  /** Whether a name is written that is not saved. */
  get written() { return this.names().some(changed); }

  row(v) {
    const name = v.name || v.id, others = this.model.speakers.filter((o) => o.id !== v.id);
    if (!this.may) return element('li', {}, voice(this.model, v.id));
    return element('li', {}, voice(this.model, v.id),
      element('form', { className: 'row tight', 'data-id': v.id },
        element('label', { for: `voice-name-${v.id}` }, say('transcript.speakers.name', { speaker: v.id })),
        element('input', { id: `voice-name-${v.id}`, name: 'name', className: 'name ds-input', defaultValue: v.name ?? '', maxLength: 200, autocomplete: 'off', list: 'participants' }),
        element('button', { className: 'quiet small ds-button', 'data-variant': 'secondary' }, say('transcript.speakers.save'))),
      element('div', { className: 'row tight' },
        others.length > 0 && element('label', { for: `voice-into-${v.id}` }, say('transcript.speakers.merge', { speaker: name })),
        others.length > 0 && element('select', { id: `voice-into-${v.id}`, className: 'name ds-input' }, ...others.map((o) => element('option', { value: o.id }, o.name || o.id))),
        others.length > 0 && button(say('transcript.speakers.merge.do'), { 'data-voice': 'merge', 'data-id': v.id }),
        button(say('transcript.speakers.split', { speaker: name }), { 'data-voice': 'split', 'data-id': v.id })));
  }

  async rename(id, name) {
    const was = this.model.speakers.find((v) => v.id === id)?.name ?? '';
    if (name.trim() === was) return;
    this.shown = '';
    const done = await this.sync.speakers('PATCH', `/speakers/${encodeURIComponent(id)}`, { name });
    this.shown = '';
    if (!done) return;
    const field = document.getElementById(`voice-name-${id}`);
    if (field) field.defaultValue = name; // it is saved
    const back = (to, from) => async (stack) => {
      if (await this.sync.speakers('PATCH', `/speakers/${encodeURIComponent(id)}`, { name: to })) stack.push({ back: back(from, to) });
      this.sync.page.changed();
    };
    this.sync.done.push({ back: back(was, name) });
    this.sync.page.changed();
  }

  async move(id, act, body) {
    this.shown = '';
    const done = await this.sync.speakers('POST', `/speakers/${encodeURIComponent(id)}/${act}`, body);
    if (!done?.moved?.length) return;
    this.sync.done.push({ from: done.from, seen: new Map(done.moved.map((s) => [s, this.model.stored(s)])) });
    this.sync.page.changed();
  }
}
