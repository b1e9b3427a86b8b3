// Draws how loud the recording is, and below it who speaks. Names stand in words beside the player: the colours only help.

const voiceColour = (canvas, number) => getComputedStyle(canvas).getPropertyValue(`--voice-${number % 8}`).trim();

export class Wave {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{seconds: number, rate: number, peaks: number[]}} peaks
   * @param {import('./transcript_model.js').Model} model
   * @param {(seconds: number) => void} go
   */
  constructor(canvas, peaks, model, go) {
    Object.assign(this, { canvas, peaks, model });
    this.time = 0;
    canvas.addEventListener('click', (e) => go((e.offsetX / canvas.clientWidth) * peaks.seconds));
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  /** Draws all of it into a picture that is kept. */
  draw() {
    const { canvas, peaks } = this, scale = devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    if (!canvas.width) return;
    this.picture = new OffscreenCanvas(canvas.width, canvas.height);
    const g = this.picture.getContext('2d'), width = canvas.width, height = canvas.height - 12 * scale;
    g.fillStyle = getComputedStyle(canvas).color;
    for (let x = 0; x < width; x++) {
      const from = Math.floor((x / width) * peaks.peaks.length), to = Math.max(from + 1, Math.floor(((x + 1) / width) * peaks.peaks.length));
      let peak = 0;
      for (let i = from; i < to; i++) peak = Math.max(peak, peaks.peaks[i] ?? 0);
      const h = Math.max((peak / 255) * height, scale);
      g.fillRect(x, (height - h) / 2, 1, h);
    }
    for (const s of this.model.segments) {
      const voice = this.model.speakers.findIndex((v) => v.id === s.speaker);
      if (voice < 0) continue;
      g.fillStyle = voiceColour(canvas, voice);
      const x = (s.start / peaks.seconds) * width;
      g.fillRect(x, height + 2 * scale, Math.max(((s.end - s.start) / peaks.seconds) * width, 1), 8 * scale);
    }
    this.move(this.time);
  }

  /** Shows where the sound is. */
  move(time) {
    this.time = time;
    if (!this.picture) return;
    const g = this.canvas.getContext('2d');
    g.clearRect(0, 0, this.canvas.width, this.canvas.height);
    g.drawImage(this.picture, 0, 0);
    g.fillStyle = voiceColour(this.canvas, 0);
    g.fillRect((time / this.peaks.seconds) * this.canvas.width - 1, 0, 2 * (devicePixelRatio || 1), this.canvas.height);
  }
}
