/** What page and worker say to each other. A picture goes one way only: into the worker. */

import { Features } from './features';

/** Where it failed: a file did not arrive, the model is not the one it should be, there is no WebGL 2, or reading itself. */
export type Failure = 'download' | 'hash' | 'webgl' | 'reader';

/** SHA-256 of the face model and of the library's WebAssembly, in hex. */
export interface Hashes {
  model: string;
  wasm: string;
}

/** `zero`: milliseconds since the epoch at which the page's clock began, so that both date alike. */
export type ToWorker =
  | { type: 'start'; base: string; sha256: Hashes; perSecond: number; zero: number }
  | { type: 'frames'; frames: ReadableStream<VideoFrame> }
  | { type: 'frame'; frame: VideoFrame | ImageBitmap }
  | { type: 'ask' } // begin to ask for single pictures: this browser has no stream of them
  | { type: 'nothing' };

export type FromWorker =
  | { type: 'ready'; milliseconds: number }
  | { type: 'wanted' }
  | { type: 'waiting' } // for longer than a camera takes
  | { type: 'read'; features: Features; milliseconds: number; perSecond: number }
  | { type: 'failed'; stage: Failure; why: string };
