/** Builds the pages, and copies the camera library, into the service's static folder. */

import { build } from 'esbuild';
import { cp, mkdir, readdir } from 'node:fs/promises';

const TO = '../hub/greenroom_hub/static';
const pages = (await readdir('src/pages')).filter(name => !['api.ts', 'dom.ts'].includes(name));

await build({
  entryPoints: [...pages.map(name => `src/pages/${name}`), 'src/style/greenroom.css'],
  entryNames: '[name]',
  outdir: `${TO}/pages`,
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022'
});
await mkdir(`${TO}/camera`, { recursive: true });
await cp('node_modules/@mediapipe/tasks-vision/vision_bundle.mjs', `${TO}/camera/vision_bundle.mjs`);
await cp('node_modules/@mediapipe/tasks-vision/wasm', `${TO}/camera/wasm`, { recursive: true });
