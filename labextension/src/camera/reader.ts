/** The worker, as the page sees it: it asks for a picture, gets one, and answers with numbers. */

import { Features } from './features';
import { Failure, FromWorker, ToWorker } from './messages';

export type { Failure };

/** Google's face_landmarker.task (float16, version 1); the rules were measured with this very file. */
export const MODEL_SHA256 = '64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff';

export interface Heard {
  ready(milliseconds: number): void;
  read(features: Features, milliseconds: number, perSecond: number): void;
  failed(stage: Failure, why: string): void;
}

export class Reader {
  /** `picture` gives the video when it shows something; `clock` seconds. `base` is the address of static/camera/. */
  constructor(
    base: string,
    perSecond: number,
    private readonly picture: () => HTMLVideoElement | null,
    private readonly clock: () => number,
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
    this.say({ type: 'start', base: address, sha256: MODEL_SHA256, perSecond });
  }

  dispose(): void {
    this.worker.onmessage = this.worker.onerror = null;
    this.worker.terminate();
    this.disposed = true;
  }

  private hear(said: FromWorker): void {
    switch (said.type) {
      case 'ready':
        this.ready = true;
        return this.heard.ready(said.milliseconds);
      case 'read':
        return this.heard.read(said.features, said.milliseconds, said.perSecond);
      case 'failed':
        return this.heard.failed(said.stage, said.why);
      case 'wanted':
        return void this.give();
    }
  }

  private async give(): Promise<void> {
    const video = this.picture();
    const t = this.clock();
    const frame = video && (await grab(video).catch(() => null));
    if (this.disposed) {
      frame?.close();
    } else if (frame) {
      this.say({ type: 'frame', frame, t }, [frame]);
    } else {
      this.say({ type: 'nothing' });
    }
  }

  private say(message: ToWorker, moved: Transferable[] = []): void {
    this.worker.postMessage(message, moved);
  }

  private readonly worker: Worker;
  private ready = false;
  private disposed = false;
}

async function grab(video: HTMLVideoElement): Promise<VideoFrame | ImageBitmap> {
  return 'VideoFrame' in window
    ? new VideoFrame(video, { timestamp: Math.round(performance.now() * 1000) })
    : createImageBitmap(video);
}
