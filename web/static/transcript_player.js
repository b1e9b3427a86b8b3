// The sound, and what is being said in it. Keys work everywhere on the page, with Alt, so that they never write.

export class Player {
  /**
   * @param {HTMLAudioElement} audio
   * @param {{moved(time: number): void, state(key: string): void}} page
   */
  constructor(audio, page) {
    Object.assign(this, { audio, page });
    const step = () => {
      page.moved(audio.currentTime);
      if (!audio.paused) requestAnimationFrame(step);
    };
    audio.addEventListener('play', () => requestAnimationFrame(step));
    audio.addEventListener('seeked', () => page.moved(audio.currentTime));
    document.querySelector('#player').addEventListener('click', (e) => {
      const button = e.target.closest('[data-play]');
      if (button) this[button.dataset.play]();
    });
  }

  /** Plays from a time; one before the metadata came is remembered by the element. */
  async from(seconds) {
    this.audio.currentTime = seconds;
    await this.audio.play().catch(() => {});
  }

  toggle() {
    if (this.audio.paused) this.audio.play().catch(() => {}); else this.audio.pause();
  }

  back() { this.audio.currentTime = Math.max(this.audio.currentTime - 3, 0); }

  slower() { this.rate(-0.25); }

  faster() { this.rate(0.25); }

  rate(by) {
    this.audio.playbackRate = Math.min(Math.max(this.audio.playbackRate + by, 0.5), 2.5);
    document.querySelector('#rate').textContent = `${this.audio.playbackRate.toLocaleString(document.documentElement.lang)}×`;
  }

  /** @returns {boolean} whether the key was one of the player's */
  key(e) {
    const act = { KeyK: 'toggle', KeyJ: 'back', Comma: 'slower', Period: 'faster' }[e.code];
    if (!act) return false;
    this[act]();
    return true;
  }
}
