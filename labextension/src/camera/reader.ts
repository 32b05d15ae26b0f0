/** The worker, as the page sees it: it is given the camera's pictures, and answers with numbers. */

import { Features } from './features';
import { Failure, FromWorker, ToWorker } from './messages';

export type { Failure };

/** Google's face_landmarker.task (float16, version 1); the rules were measured with this very file. */
export const MODEL_SHA256 = '64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff';
/** Of @mediapipe/tasks-vision in the version that package.json pins; another one fails the check, and the build's test. */
export const WASM_SHA256 = '617b8e0248dbd27e9d7ece4218004eae4cefb499196d1bb4fa0e3fef21708756';

export interface Heard {
  ready(milliseconds: number): void;
  read(features: Features, milliseconds: number, perSecond: number): void;
  /** No picture has come for longer than a camera takes. */
  waiting(): void;
  failed(stage: Failure, why: string): void;
}

/** In Chrome and Edge the worker gets a stream of pictures, also while the tab is hidden. */
type Processor = new (from: { track: MediaStreamTrack; maxBufferSize: number }) => {
  readable: ReadableStream<VideoFrame>;
};
const processor = (): Processor | undefined =>
  (window as unknown as { MediaStreamTrackProcessor?: Processor }).MediaStreamTrackProcessor;

/** Whether pictures are read while the tab is hidden: elsewhere the page has to draw each one, and then it does not. */
export const readsWhileHidden = (): boolean => processor() !== undefined;

export class Reader {
  /** `clock`: seconds. `base` is the address of static/camera/. */
  constructor(
    base: string,
    perSecond: number,
    clock: () => number,
    private readonly heard: Heard
  ) {
    const address = new URL(base, location.href).href;
    this.worker = new Worker(`${address}worker.js`, { type: 'module', name: 'greenroom-camera' });
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.hear(data);
    this.worker.onerror = event => {
      event.preventDefault();
      // Before it is ready, the usual reason is that its file did not arrive.
      const stage = this.ready ? 'reader' : 'download';
      this.heard.failed(stage, event.message || `${address}worker.js could not be loaded`);
    };
    const zero = performance.timeOrigin + performance.now() - clock() * 1000;
    this.say({ type: 'start', base: address, sha256: { model: MODEL_SHA256, wasm: WASM_SHA256 }, perSecond, zero });
  }

  /** Looks at this camera from now on; `video` shows it, for browsers without a stream of pictures. */
  look(track: MediaStreamTrack, video: HTMLVideoElement): void {
    this.watched = [track, video];
    if (this.ready) {
      this.begin(track);
    }
  }

  dispose(): void {
    this.worker.onmessage = this.worker.onerror = null;
    this.worker.terminate();
    this.disposed = true;
  }

  private begin(track: MediaStreamTrack): void {
    const Stream = processor();
    if (Stream) {
      const { readable } = new Stream({ track, maxBufferSize: 1 });
      this.say({ type: 'frames', frames: readable }, [readable as unknown as Transferable]);
    } else if (!this.asking) {
      this.asking = true;
      this.say({ type: 'ask' });
    }
  }

  private hear(said: FromWorker): void {
    switch (said.type) {
      case 'ready':
        this.ready = true;
        this.heard.ready(said.milliseconds);
        return this.watched ? this.begin(this.watched[0]) : undefined;
      case 'read':
        return this.heard.read(said.features, said.milliseconds, said.perSecond);
      case 'failed':
        return this.heard.failed(said.stage, said.why);
      case 'waiting':
        return this.heard.waiting();
      case 'wanted':
        return void this.give();
    }
  }

  private async give(): Promise<void> {
    const frame = await this.grab().catch(() => null);
    if (this.disposed) {
      frame?.close();
    } else if (frame) {
      this.say({ type: 'frame', frame }, [frame]);
    } else {
      this.say({ type: 'nothing' });
    }
  }

  private async grab(): Promise<VideoFrame | ImageBitmap | null> {
    const [track, video] = this.watched ?? [];
    const shows = track?.readyState === 'live' && !track.muted && (video?.readyState ?? 0) >= 2; // HAVE_CURRENT_DATA
    if (!video || !shows || document.hidden) {
      return null;
    }
    return 'VideoFrame' in window
      ? new VideoFrame(video, { timestamp: Math.round(performance.now() * 1000) })
      : createImageBitmap(video);
  }

  private say(message: ToWorker, moved: Transferable[] = []): void {
    this.worker.postMessage(message, moved);
  }

  private readonly worker: Worker;
  private watched: [MediaStreamTrack, HTMLVideoElement] | null = null;
  private ready = false;
  private asking = false;
  private disposed = false;
}
