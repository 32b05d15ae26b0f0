/** The camera itself: asked for, watched, and asked for again. Every way in which it can fail has a name. */

export type Standing =
  | 'asking' // the browser waits for the person's answer
  | 'on'
  | 'denied'
  | 'missing'
  | 'busy'
  | 'unplugged'
  | 'muted' // by a switch on the device, the keyboard or the operating system
  | 'insecure'
  | 'unsupported'
  | 'failed';

const WANTED: MediaStreamConstraints = {
  video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 30 }, facingMode: 'user' },
  audio: false
};

/** getUserMedia's error → what it means to the person. */
const MEANING: Record<string, Standing> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy'
};

export class Source {
  constructor(
    readonly video: HTMLVideoElement,
    private readonly changed: (standing: Standing, detail: string) => void
  ) {
    navigator.mediaDevices?.addEventListener('devicechange', () => this.again(['missing', 'unplugged']), this.until);
    void this.untilAllowed();
  }

  /** Asks for the camera; the outcome comes by `changed`. */
  async open(): Promise<void> {
    if (this.asked) {
      return; // the browser's question is still open
    }
    this.close();
    if (!window.isSecureContext) {
      return this.stand('insecure');
    }
    if (!navigator.mediaDevices?.getUserMedia) {
      return this.stand('unsupported');
    }
    this.asked = true;
    this.stand('asking');
    try {
      this.follow(await navigator.mediaDevices.getUserMedia(WANTED));
    } catch (error) {
      const { name, message } = error as DOMException;
      this.stand(MEANING[name] ?? 'failed', message);
    } finally {
      this.asked = false;
    }
  }

  get on(): boolean {
    return this.standing === 'on';
  }

  dispose(): void {
    this.disposed.abort();
    this.close();
  }

  private follow(stream: MediaStream): void {
    if (this.disposed.signal.aborted) {
      stream.getTracks().forEach(track => track.stop());
      return;
    }
    const [track] = stream.getVideoTracks();
    this.stream = stream;
    const say = (standing: Standing): void => {
      if (this.stream === stream) {
        this.stand(standing, track.label);
      }
    };
    track.addEventListener('ended', () => say('unplugged'), this.until);
    track.addEventListener('mute', () => say('muted'), this.until);
    track.addEventListener('unmute', () => say('on'), this.until);
    this.video.srcObject = stream;
    // Not waited for: without a first picture it never ends.
    this.video.play().catch(() => undefined);
    say(track.muted ? 'muted' : 'on');
  }

  /** A permission that is given later counts without a reload. */
  private async untilAllowed(): Promise<void> {
    try {
      const permission = await navigator.permissions.query({ name: 'camera' as PermissionName });
      permission.addEventListener('change', () => permission.state === 'granted' && this.again(['denied']), this.until);
    } catch {
      // Browsers without this permission's name still have the button.
    }
  }

  private again(standings: Standing[]): void {
    if (standings.includes(this.standing)) {
      void this.open();
    }
  }

  private stand(standing: Standing, detail = ''): void {
    this.standing = standing;
    if (!this.disposed.signal.aborted) {
      this.changed(standing, detail);
    }
  }

  private close(): void {
    this.stream?.getTracks().forEach(track => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  private stream: MediaStream | null = null;
  private standing: Standing = 'asking';
  private asked = false;
  private readonly disposed = new AbortController();
  private readonly until = { signal: this.disposed.signal };
}
