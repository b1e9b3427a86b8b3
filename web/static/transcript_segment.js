// One segment as it is read: when, who, how sure, and its words, each of which can be clicked to be heard.
import { button, clock, element, say } from './transcript_words.js';

/**
 * @param {import('./transcript_model.js').Model} model
 * @param {import('./transcript_model.js').Segment} s
 * @param {{may: boolean, audio: boolean, current: boolean, found?: {from: number, to: number, now: boolean}[]}} how
 */
export function segmentView(model, s, how) {
  const time = clock(s.start), who = model.name(s.speaker), tab = how.current ? 0 : -1;
  const head = element('div', { className: 't-head' },
    how.audio ? element('button', { type: 'button', className: 'time', tabIndex: tab, 'data-do': 'play', 'aria-label': say('transcript.play_from', { time }) }, `▶ ${time}`)
      : element('span', { className: 'at' }, time),
    who && voice(model, s.speaker),
    s.others?.length && element('small', {}, say('transcript.overlap', { names: s.others.map((o) => model.name(o)).join(', ') })),
    ...signs(model, s));
  const text = element('p', { className: 't-text' });
  words(text, model, s, how.found);
  return element('div', { className: `t-item${model.doubtful(s) ? ' doubtful' : ''}`, id: s.id, tabIndex: -1, role: 'listitem', 'aria-current': how.current ? 'true' : undefined },
    head, text,
    how.may && element('div', { className: 't-tools' }, button(say('transcript.edit'), { tabIndex: tab, 'data-do': 'edit', 'aria-label': `${say('transcript.edit')} ${time} ${who}` }),
      model.doubtful(s) && button(say('transcript.confirm'), { tabIndex: tab, 'data-do': 'confirm', 'aria-label': `${say('transcript.confirm')} ${time} ${who}` })));
}

/** A speaker's name, with a mark in its colour that holds its number too. */
export function voice(model, id) {
  const number = model.speakers.findIndex((v) => v.id === id);
  return element('span', { className: 't-who' }, element('span', { className: `swatch voice-${Math.max(number, 0) % 8}`, 'aria-hidden': 'true' }, String(number + 1)), ' ', element('b', {}, model.name(id)));
}

/** What there is to know of how sure a segment is, in words. */
function signs(model, s) {
  const unsure = model.unsureWords(s).length;
  const reasons = (s.quality.reasons ?? []).map((r) => say(`quality.${r}`)).join('; ');
  return [
    model.pending.has(s.id) && element('span', { className: 'mark waiting' }, say('transcript.waiting')),
    !s.quality.ok && element('span', { className: 'mark note' }, reasons ? `${say('transcript.doubtful')}: ${reasons}` : say('transcript.doubtful')),
    unsure > 0 && element('span', { className: 'mark note' }, say(unsure === 1 ? 'transcript.unsure_word' : 'transcript.unsure_words', { count: unsure })),
    s.confirmed ? element('span', { className: 'mark' }, say('transcript.confirmed')) : s.corrected && element('span', { className: 'mark' }, say('transcript.corrected')),
  ];
}

/** Writes the words of a segment, with what was searched for marked; one that is not stored yet has no times. */
function words(into, model, s, found = []) {
  const text = model.text(s);
  const unsure = new Set(model.unsureWords(s));
  const parts = model.pending.has(s.id) || s.text !== s.words.map((w) => w.text).join(' ') ? [{ text }] : s.words;
  let at = 0;
  parts.forEach((w, i) => {
    if (i) into.append(' ');
    const span = element('span', { className: `w${unsure.has(i) ? ' low' : ''}` });
    if (w.start !== undefined) span.dataset.i = i;
    let from = at;
    for (const hit of found) {
      const a = Math.max(hit.from, at), b = Math.min(hit.to, at + w.text.length);
      if (a >= b) continue;
      span.append(text.slice(from, a), element('mark', { className: hit.now ? 'hit now' : 'hit' }, text.slice(a, b)));
      from = b;
    }
    span.append(text.slice(from, at + w.text.length));
    into.append(span);
    at += w.text.length + 1;
  });
}
