/** Puts the files for the frames of outputs into one folder: what runs inside, and the libraries that draw. */

import { build } from 'esbuild';
import { cp, mkdir } from 'node:fs/promises';

export async function buildFrame(folder) {
  await mkdir(folder, { recursive: true });
  const common = { outdir: folder, entryNames: '[name]', bundle: true, minify: true, target: 'es2022' };
  await build({ ...common, format: 'iife', entryPoints: ['src/frame/inside.ts', 'src/frame/vega.ts'] });
  await cp('node_modules/plotly.js-dist-min/plotly.min.js', `${folder}/plotly.js`);
}
