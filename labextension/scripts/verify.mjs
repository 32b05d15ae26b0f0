/** Times the verify page's check of a record: `node scripts/verify.mjs FOLDER PUBLIC_KEY ROUNDS`. The bench calls it. */

import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = await mkdtemp(join(tmpdir(), 'greenroom-verify-'));
const program = join(folder, 'verify.mjs');
await build({ entryPoints: ['test/verify.ts'], outfile: program, bundle: true, format: 'esm', platform: 'node' });
const run = spawnSync('node', [program, ...process.argv.slice(2)], { stdio: 'inherit' });
await rm(folder, { recursive: true });
process.exit(run.status ?? 1);
