/** Builds the pages and the camera check into the service's static folder. */

import { build } from 'esbuild';

import { buildCamera } from './camera.mjs';
import { buildFrame } from './frame.mjs';

const TO = process.argv[2] ?? '../hub/greenroom_hub/static';
/** One file for each page that the service names in web/pages.py and web/shell.py. */
const PAGES = ['staff', 'session', 'candidate', 'verify', 'declined', 'error'];

await build({
  entryPoints: [...PAGES.map(name => `src/pages/${name}.ts`), 'src/style/greenroom.css'],
  entryNames: '[name]',
  outdir: `${TO}/pages`,
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022'
});
await buildCamera(`${TO}/camera`);
await buildFrame(`${TO}/frame`);
