// What is known of the transcript: its newest version as the server told it, and what is on its way there. No page here.

/**
 * @typedef {{text: string, start: number, end: number, probability: number, heard?: string}} Word
 * @typedef {{id: string, start: number, end: number, speaker?: string, others?: string[], text: string, words: Word[],
 *   quality: {ok: boolean, reasons?: string[]}, corrected?: boolean, confirmed?: boolean, joined?: string[]}} Segment
 * @typedef {{since: number, version: number, segments: {after?: string, segment: Segment}[], removed: string[],
 *   speakers: {id: string, name?: string}[], corrections: object[]}} Changes
 */

/** A word that was heard with less certainty than this is marked. */
const UNSURE = 0.5;

export class Model {
  /** @param {{version: number, transcript: object}} v as the API tells it */
  constructor(v) {
    /** Texts that were written and are not stored yet, by segment. @type {Map<string, string>} */
    this.pending = new Map();
    this.load(v);
  }

  load(v) {
    this.version = v.version;
    /** @type {Segment[]} */
    this.segments = v.transcript.segments;
    this.speakers = v.transcript.speakers ?? [];
    this.corrections = v.transcript.corrections ?? [];
    this.index();
  }

  index() {
    /** @type {Map<string, number>} */
    this.places = new Map(this.segments.map((s, i) => [s.id, i]));
    // The first that answers to an id.
    this.joined = new Map(this.segments.toReversed().flatMap((s) => (s.joined ?? []).map((id) => [id, s.id])));
  }

  /** @returns {Segment | undefined} */
  get(id) { return this.segments[this.places.get(id)]; }

  /** The place of a segment, or of the one that it was made part of; -1: it is not there. */
  placeOf(id) { return this.places.get(id) ?? this.places.get(this.joined.get(id)) ?? -1; }

  /** What stands in the segment for whoever reads this page. */
  text(s) { return this.pending.get(s.id) ?? s.text; }

  name(id) { return this.speakers.find((s) => s.id === id)?.name || id || ''; }

  /** What an edit says that the person saw. */
  seen(id) {
    const s = this.get(id);
    return s ? { text: this.text(s), speaker: s.speaker } : { gone: true };
  }

  /** What is stored in a segment, whatever is on its way, as an edit says it. */
  stored(id) {
    const s = this.get(id);
    return s ? { text: s.text, speaker: s.speaker } : { gone: true };
  }

  /** @returns {number[]} the places of words that were heard with little certainty, where nobody has confirmed them */
  unsureWords(s) {
    return s.confirmed ? [] : s.words.flatMap((w, i) => (w.probability < UNSURE ? [i] : []));
  }

  /** A segment that somebody should listen to. */
  doubtful(s) { return !s.confirmed && (!s.quality.ok || this.unsureWords(s).length > 0); }

  correctionsOf(id) { return this.corrections.filter((c) => c.segment === id); }

  /** The place of the last segment that begins at or before the time; -1: none. */
  at(time) {
    let low = 0, high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.segments[middle].start <= time) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  /**
   * Takes in what is other since this version.
   * @param {Changes} c
   * @returns {boolean} false: it is of another version than this one
   */
  apply(c) {
    if (c.since !== this.version) return false;
    this.version = c.version;
    this.speakers = c.speakers;
    this.corrections = c.corrections;
    if (c.removed.length) {
      const gone = new Set(c.removed);
      this.segments = this.segments.filter((s) => !gone.has(s.id));
      this.index();
    }
    for (const { after, segment } of c.segments) {
      const at = this.places.get(segment.id);
      if (at !== undefined && this.segments[at - 1]?.id === after) {
        this.segments[at] = segment;
        continue;
      }
      if (at !== undefined) this.segments.splice(at, 1);
      const before = after === undefined ? -1 : this.segments.findIndex((s) => s.id === after);
      this.segments.splice(before + 1, 0, segment);
      this.index();
    }
    this.index();
    return true;
  }
}
