/** What this side can send: the page's one camera, a microphone, a screen. Each is opened when it is used, and let go after. */

import { sharedCamera, Seen } from '../camera/source';

export type Device = 'audioinput' | 'videoinput' | 'audiooutput';

export const DEVICES: readonly Device[] = ['audioinput', 'videoinput', 'audiooutput'];

/** getUserMedia's and getDisplayMedia's errors → what it means to the person. */
const MEANING: Record<string, string> = {
  NotAllowedError: 'the browser does not allow it; the sign beside the address changes that',
  SecurityError: 'the browser does not allow it on this page',
  NotFoundError: 'there is none',
  OverconstrainedError: 'the chosen one is not there any more',
  NotReadableError: 'another program uses it',
  AbortError: 'the browser could not start it'
};

export const why = (error: unknown): string => MEANING[(error as Error).name] ?? String(error);

export class Own {
  camera: MediaStreamTrack | null = null;
  microphone: MediaStreamTrack | null = null;
  screen: MediaStreamTrack | null = null;
  /** How the camera stands while it is used. */
  seen: Seen | null = null;

  constructor(private readonly changed: () => void) {}

  /** The camera is used, or not any more: the check may go on with it. */
  useCamera(on: boolean): void {
    if (on && this.letGo === null) {
      this.letGo = sharedCamera().hold(seen => this.stand(seen));
    } else if (!on && this.letGo !== null) {
      this.letGo();
      this.letGo = this.seen = null;
      this.film(null);
    }
  }

  chooseCamera(device: string): void {
    void sharedCamera().open(device);
  }

  /** Opens the microphone where it is not; rejects with the browser's error. */
  async useMicrophone(on: boolean, device = this.device): Promise<void> {
    if (on && (this.microphone === null || device !== this.device)) {
      this.device = device;
      const which = device ? { deviceId: { exact: device } } : {};
      const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...which };
      const [track] = (await navigator.mediaDevices.getUserMedia({ audio, video: false })).getAudioTracks();
      this.microphone?.stop();
      this.microphone = track;
      track.addEventListener('ended', () => this.microphone === track && this.drop('microphone'));
    }
    if (this.microphone) {
      this.microphone.enabled = on;
    }
    this.changed();
  }

  /** The browser asks which window; rejects when the person thinks better of it. */
  async share(): Promise<void> {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
    const [track] = stream.getVideoTracks();
    track.contentHint = 'detail';
    track.addEventListener('ended', () => this.screen === track && this.drop('screen'));
    this.screen = track;
    this.changed();
  }

  drop(what: 'microphone' | 'screen'): void {
    this[what]?.stop();
    this[what] = null;
    this.changed();
  }

  /** The devices there are, by id and name; empty names until one was allowed. */
  async devices(kind: Device): Promise<[id: string, name: string][]> {
    const found = await (navigator.mediaDevices?.enumerateDevices?.() ?? []);
    return found.filter(one => one.kind === kind && one.deviceId).map(one => [one.deviceId, one.label]);
  }

  stop(): void {
    this.useCamera(false);
    this.drop('microphone');
    this.drop('screen');
  }

  private stand(seen: Seen): void {
    this.seen = seen;
    this.film(seen.standing === 'on' ? sharedCamera().track : null);
  }

  /** A copy is sent: stopping it does not stop the camera, which the check may use. */
  private film(track: MediaStreamTrack | null): void {
    this.camera?.stop();
    this.camera = track?.clone() ?? null;
    this.changed();
  }

  private letGo: (() => void) | null = null;
  private device = '';
}
