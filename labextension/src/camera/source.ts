/**
 * The camera itself: asked for, watched, and asked for again. Every way in which it can fail has a name. One camera
 * serves the whole page: the camera check and a call hold the same one (`sharedCamera`), and it closes with the last.
 */

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

const PICTURE: MediaTrackConstraints = {
  width: { ideal: 640 },
  height: { ideal: 480 },
  frameRate: { ideal: 15, max: 30 }
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

export interface Seen {
  standing: Standing;
  /** The camera's name, or the browser's words for what went wrong. */
  detail: string;
}

export type Listener = (seen: Seen) => void;

export class Source {
  seen: Seen = { standing: 'asking', detail: '' };
  /** What the camera gives while it is on, for whoever wants to show or send it. Clone its track; never stop it. */
  stream: MediaStream | null = null;

  /** Begins to use the camera; returns the way to stop. With the first it opens, with the last it closes. */
  hold(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) {
      this.watch();
      void this.open();
    } else {
      listener(this.seen);
    }
    return () => {
      if (this.listeners.delete(listener) && this.listeners.size === 0) {
        this.watching.abort();
        this.close();
        this.seen = { standing: 'asking', detail: '' };
      }
    };
  }

  get on(): boolean {
    return this.seen.standing === 'on';
  }

  get track(): MediaStreamTrack | null {
    return this.stream?.getVideoTracks()[0] ?? null;
  }

  /** Asks for the camera, or for this one of several. The outcome comes to the listeners. */
  async open(device = this.device): Promise<void> {
    this.device = device;
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
      this.follow(await navigator.mediaDevices.getUserMedia(this.wanted()));
    } catch (error) {
      const { name, message } = error as DOMException;
      this.device = ''; // a chosen one that is gone must not be asked for ever
      this.stand(MEANING[name] ?? 'failed', message);
    } finally {
      this.asked = false;
    }
  }

  /** The cameras there are, by id and name; empty where the browser does not say. */
  async cameras(): Promise<[id: string, name: string][]> {
    const devices = await (navigator.mediaDevices?.enumerateDevices?.() ?? []);
    return devices.filter(one => one.kind === 'videoinput' && one.deviceId).map(one => [one.deviceId, one.label]);
  }

  private wanted(): MediaStreamConstraints {
    const which = this.device ? { deviceId: { exact: this.device } } : { facingMode: 'user' };
    return { video: { ...PICTURE, ...which }, audio: false };
  }

  private follow(stream: MediaStream): void {
    if (this.listeners.size === 0) {
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
    const until = { signal: this.watching.signal };
    const allowed = permitted();
    track.addEventListener('ended', () => void this.lost(stream, allowed), until);
    track.addEventListener('mute', () => say('muted'), until);
    track.addEventListener('unmute', () => say('on'), until);
    say(track.muted ? 'muted' : 'on');
  }

  /** A track that ended by itself: the permission was taken back, or the camera is gone. */
  private async lost(stream: MediaStream, before: Promise<PermissionState | null>): Promise<void> {
    const now = await permitted();
    const taken = now === 'denied' || ((await before) === 'granted' && now === 'prompt');
    if (this.stream === stream) {
      this.stand(taken ? 'denied' : 'unplugged', stream.getVideoTracks()[0].label);
    }
  }

  /** A camera that is plugged in, and a permission that is given later, count without a reload. */
  private watch(): void {
    this.watching = new AbortController();
    const until = { signal: this.watching.signal };
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.again(['missing', 'unplugged']), until);
    permission().then(
      found => found.addEventListener('change', () => found.state === 'granted' && this.again(['denied']), until),
      () => undefined // browsers without this permission's name still have the button
    );
  }

  private again(standings: Standing[]): void {
    if (standings.includes(this.seen.standing)) {
      void this.open();
    }
  }

  private stand(standing: Standing, detail = ''): void {
    this.seen = { standing, detail };
    [...this.listeners].forEach(listener => listener(this.seen));
  }

  private close(): void {
    this.stream?.getTracks().forEach(track => track.stop());
    this.stream = null;
  }

  private readonly listeners = new Set<Listener>();
  private device = '';
  private asked = false;
  private watching = new AbortController();
}

const permission = (): Promise<PermissionStatus> => navigator.permissions.query({ name: 'camera' as PermissionName });

/** Null where the browser does not tell. */
const permitted = (): Promise<PermissionState | null> =>
  permission().then(
    found => found.state,
    () => null
  );

let shared: Source | null = null;

/** The page's one camera. */
export function sharedCamera(): Source {
  return (shared ??= new Source());
}
