/** The worker: takes pictures, gives numbers. It takes the newest picture when it is due, so that none waits and the page is never blocked. */

import { FaceLandmarker, FaceLandmarkerResult, FilesetResolver } from '@mediapipe/tasks-vision';

import { Face, features, GREY_HEIGHT, GREY_WIDTH, Grey, greyOf } from './features';
import { Failure, FromWorker, Hashes, ToWorker } from './messages';
import { begin, measured, Pace, perSecond } from './pace';

const FACES = 2; // a second face is all that a rule asks about, and each one costs time
const PATIENCE = 1500; // milliseconds without a picture after which the camera is said to give none

const canvas = new OffscreenCanvas(GREY_WIDTH, GREY_HEIGHT);
const small = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
small.imageSmoothingQuality = 'medium';

let reader: FaceLandmarker | null = null;
let before: Grey | null = null;
let pace: Pace = begin(8);
let zero = 0;
let due = 0;
let source: ReadableStreamDefaultReader<VideoFrame> | null = null;

const say = (message: FromWorker): void => self.postMessage(message);

class Failed extends Error {
  constructor(
    readonly stage: Failure,
    message: string
  ) {
    super(message);
  }
}

self.onmessage = ({ data }: MessageEvent<ToWorker>): void => {
  switch (data.type) {
    case 'start':
      pace = begin(data.perSecond);
      zero = data.zero;
      start(data.base, data.sha256).catch((error: unknown) =>
        say({ type: 'failed', stage: error instanceof Failed ? error.stage : 'reader', why: String(error) })
      );
      return;
    case 'frames':
      return void follow(data.frames);
    case 'frame':
      read(data.frame);
      return void untilDue().then(() => say({ type: 'wanted' }));
    case 'ask':
    case 'nothing':
      return void untilDue().then(() => say({ type: 'wanted' }));
  }
};

async function start(base: string, sha256: Hashes): Promise<void> {
  const began = performance.now();
  if (new OffscreenCanvas(1, 1).getContext('webgl2') === null) {
    throw new Failed('webgl', 'this browser gives a worker no WebGL 2');
  }
  const [model, wasm, files] = await Promise.all([
    download(`${base}face_landmarker.task`, sha256.model),
    download(`${base}wasm/vision_wasm_module_internal.wasm`, sha256.wasm),
    FilesetResolver.forVisionTasks(`${base}wasm`, true)
  ]);
  serve(files.wasmBinaryPath, wasm);
  reader = await FaceLandmarker.createFromOptions(files, {
    baseOptions: { modelAssetBuffer: model, delegate: 'CPU' },
    runningMode: 'VIDEO',
    numFaces: FACES,
    outputFaceBlendshapes: true,
    outputFacialTransformationMatrixes: true
  });
  say({ type: 'ready', milliseconds: performance.now() - began });
}

/** A file, once its hash is the one that this version was measured with. */
async function download(address: string, sha256: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(address).catch((error: unknown) => {
    throw new Failed('download', String(error));
  });
  if (!answer.ok) {
    throw new Failed('download', `${address} answered ${answer.status}`);
  }
  const content = await answer.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  const found = [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
  if (found !== sha256) {
    throw new Failed('hash', `${address} has SHA-256 ${found}, not ${sha256}`);
  }
  return new Uint8Array(content);
}

/** The library fetches its WebAssembly itself: it gets the bytes that were checked, and never others. */
function serve(address: string, content: Uint8Array<ArrayBuffer>): void {
  const plain = self.fetch.bind(self);
  self.fetch = (input, how) =>
    new URL(input instanceof Request ? input.url : input, self.location.href).href === address
      ? Promise.resolve(new Response(content, { headers: { 'Content-Type': 'application/wasm' } }))
      : plain(input, how);
}

/** One camera's pictures, until it ends or another one comes. The stream keeps only the newest. */
async function follow(frames: ReadableStream<VideoFrame>): Promise<void> {
  void source?.cancel().catch(() => undefined);
  const mine = (source = frames.getReader());
  before = null;
  for (;;) {
    const late = setTimeout(() => say({ type: 'waiting' }), PATIENCE);
    const { value, done } = await mine.read().catch(() => ({ value: undefined, done: true }));
    clearTimeout(late);
    if (done || source !== mine) {
      value?.close();
      return;
    }
    read(value as VideoFrame);
    await untilDue();
  }
}

function read(frame: VideoFrame | ImageBitmap): void {
  const began = performance.now();
  due = Math.max(due + 1000 / perSecond(pace), began);
  try {
    const [width, height] =
      'codedWidth' in frame ? [frame.displayWidth, frame.displayHeight] : [frame.width, frame.height];
    small.drawImage(frame, 0, 0, GREY_WIDTH, GREY_HEIGHT);
    const grey = greyOf(small.getImageData(0, 0, GREY_WIDTH, GREY_HEIGHT).data);
    // The reader wants times that only grow; the page's clock may be set anew in a session.
    const result = (reader as FaceLandmarker).detectForVideo(frame as TexImageSource, began);
    const t = Math.max(0, performance.timeOrigin + began - zero) / 1000;
    const found = features(t, facesOf(result), grey, before, width / height);
    before = grey;
    const milliseconds = performance.now() - began;
    pace = measured(pace, milliseconds);
    say({ type: 'read', features: found, milliseconds, perSecond: perSecond(pace) });
  } catch (error) {
    say({ type: 'failed', stage: 'reader', why: String(error) });
  } finally {
    frame.close();
  }
}

/** A page's timers are slowed down while it is hidden; a worker's are not. */
function untilDue(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.max(0, due - performance.now())));
}

function facesOf(result: FaceLandmarkerResult): Face[] {
  return result.faceLandmarks.map((points, index) => ({
    points,
    matrix: result.facialTransformationMatrixes[index]?.data ?? null,
    shapes: new Map((result.faceBlendshapes[index]?.categories ?? []).map(one => [one.categoryName, one.score]))
  }));
}
