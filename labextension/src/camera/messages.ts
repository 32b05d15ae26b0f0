/** What page and worker say to each other. A picture goes one way only: into the worker. */

import { Features } from './features';

/** Where it failed: a file did not arrive, the model is not the one it should be, or reading itself. */
export type Failure = 'download' | 'hash' | 'reader';

export type ToWorker =
  | { type: 'start'; base: string; sha256: string; perSecond: number }
  | { type: 'frame'; frame: VideoFrame | ImageBitmap; t: number }
  | { type: 'nothing' };

export type FromWorker =
  | { type: 'ready'; milliseconds: number }
  | { type: 'wanted' }
  | { type: 'read'; features: Features; milliseconds: number; perSecond: number }
  | { type: 'failed'; stage: Failure; why: string };
