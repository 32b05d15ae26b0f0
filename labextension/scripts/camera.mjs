/** Puts the camera check's files into one folder: the worker as a single file, its style, and MediaPipe's WebAssembly. */

import { build } from 'esbuild';
import { cp, mkdir, rm } from 'node:fs/promises';

const WASM = 'node_modules/@mediapipe/tasks-vision/wasm';
/** A module worker loads these two. Every browser that has module workers with a camera has SIMD as well. */
const FILES = ['vision_wasm_module_internal.js', 'vision_wasm_module_internal.wasm'];

export async function buildCamera(folder) {
  await build({
    entryPoints: ['src/camera/worker.ts', 'src/camera/camera.css'],
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022'
  });
  await rm(`${folder}/wasm`, { recursive: true, force: true });
  await mkdir(`${folder}/wasm`, { recursive: true });
  for (const file of FILES) {
    await cp(`${WASM}/${file}`, `${folder}/wasm/${file}`);
  }
}
