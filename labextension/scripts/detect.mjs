/** Runs the browser's detector on a file with a list of traces: `node scripts/detect.mjs FILE`. Python's test compares. */

import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = await mkdtemp(join(tmpdir(), 'greenroom-detect-'));
const program = join(folder, 'detect.mjs');
await build({ entryPoints: ['test/detect.ts'], outfile: program, bundle: true, format: 'esm', platform: 'node' });
const run = spawnSync('node', [program, process.argv[2]], { stdio: 'inherit' });
await rm(folder, { recursive: true });
process.exit(run.status ?? 1);
