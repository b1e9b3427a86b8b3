// Sound from a microphone, and from a tab that is shared, as one recording in pieces of about a second.

const PIECE = 1000; // milliseconds
const FORMATS = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'];

export const possible = () => isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia) && typeof MediaRecorder !== 'undefined';
export const canShare = () => Boolean(navigator.mediaDevices?.getDisplayMedia);

/** microphones lists those that there are; without names until one has been allowed. */
export async function microphones() {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((d) => d.kind === 'audioinput' && d.deviceId);
}

export class Capture {
  /**
   * open asks for the sound. It rejects as getUserMedia does, and with NoTabSound when a tab was shared without.
   * @param {{device?: string, tab?: boolean}} from
   */
  static async open({ device, tab }) {
    const c = new Capture();
    try {
      if (tab) {
        const shared = await navigator.mediaDevices.getDisplayMedia({ audio: { suppressLocalAudioPlayback: false }, video: true });
        c.streams.push(shared);
        if (!shared.getAudioTracks().length) throw Object.assign(new Error('the shared tab has no sound'), { name: 'NoTabSound' });
      }
      // Speech is heard best as it is; what the loudspeakers say again is taken out when a tab is heard beside.
      c.wanted = { channelCount: 1, echoCancellation: Boolean(tab), noiseSuppression: false, autoGainControl: true };
      c.microphone = await navigator.mediaDevices.getUserMedia({ audio: { ...c.wanted, deviceId: device ? { exact: device } : undefined } });
      c.streams.push(c.microphone);
      c.context = new AudioContext();
      await Promise.race([c.context.resume(), new Promise((resolve) => setTimeout(resolve, 1000))]);
      if (c.context.state !== 'running') throw Object.assign(new Error('the browser wants a tap first'), { name: 'NeedsTap' });
      c.context.addEventListener('statechange', () => { // a phone call, or a machine that slept, stands it still
        if (!['running', 'closed'].includes(c.context.state)) c.context.resume().catch(() => {});
      });
      c.mixed = c.context.createMediaStreamDestination();
      c.mixed.channelCount = 1;
      c.analyser = new AnalyserNode(c.context, { fftSize: 2048 });
      for (const stream of c.streams) c.hear(stream);
      const mimeType = FORMATS.find((f) => MediaRecorder.isTypeSupported(f));
      c.recorder = new MediaRecorder(c.mixed.stream, { mimeType, audioBitsPerSecond: 64000 });
      return c;
    } catch (error) {
      c.close();
      throw error;
    }
  }

  constructor() {
    /** @type {MediaStream[]} */
    this.streams = [];
    this.samples = new Float32Array(2048);
    this.passed = 0; // milliseconds recorded before the last pause
    this.since = 0;  // when recording went on; 0: it stands still
  }

  hear(stream) {
    const source = this.context.createMediaStreamSource(new MediaStream(stream.getAudioTracks()));
    source.connect(this.mixed);
    source.connect(this.analyser);
  }

  /**
   * start begins. Pieces come in their order; onEnd follows the last, which may be the browser's own doing. onLost:
   * a source has gone: 'tab', which is no longer shared, or 'microphone', in whose place the machine's own is heard.
   * With no microphone left the recording ends.
   * @param {{onPiece: (bytes: Promise<ArrayBuffer>) => void, onEnd: () => void, onLost: (what: string) => void}} to
   */
  start({ onPiece, onEnd, onLost }) {
    this.recorder.addEventListener('dataavailable', (e) => onPiece(e.data.arrayBuffer()));
    this.recorder.addEventListener('stop', () => {
      this.close();
      onEnd();
    });
    this.recorder.addEventListener('error', () => this.stop());
    this.onLost = onLost;
    for (const stream of this.streams) this.guard(stream);
    this.recorder.start(PIECE);
    this.since = performance.now();
  }

  // guard sees to it that a recording does not go on with nobody heard.
  guard(stream) {
    for (const track of stream.getAudioTracks()) {
      track.addEventListener('ended', () => stream === this.microphone ? this.replace() : this.onLost('tab'));
    }
  }

  async replace() {
    try {
      const other = await navigator.mediaDevices.getUserMedia({ audio: this.wanted });
      this.streams.push(other); // closed with the others, also when the recording has ended meanwhile
      if (this.recorder.state === 'inactive') return this.close();
      this.microphone = other;
      this.hear(other);
      this.guard(other);
      this.onLost('microphone');
    } catch {
      this.stop();
    }
  }

  pause() {
    this.recorder.requestData(); // what was said until now goes out before the pause
    this.recorder.pause();
    this.passed = this.milliseconds;
    this.since = 0;
  }

  resume() {
    this.recorder.resume();
    this.since = performance.now();
  }

  stop() {
    if (this.recorder.state === 'inactive') return;
    this.passed = this.milliseconds;
    this.since = 0;
    this.recorder.stop();
  }

  get milliseconds() { return this.passed + (this.since && performance.now() - this.since); }

  /** level is how loud it is just now: 0 is -60 dB or less, 1 as loud as can be. */
  level() {
    this.analyser.getFloatTimeDomainData(this.samples);
    let peak = 0;
    for (const s of this.samples) peak = Math.max(peak, Math.abs(s));
    return Math.min(Math.max(1 + 20 * Math.log10(peak + 1e-9) / 60, 0), 1);
  }

  close() {
    for (const track of this.streams.flatMap((s) => s.getTracks())) track.stop();
    if (this.context?.state !== 'closed') this.context?.close();
  }
}
