/** Bundles the tests and runs them with node's own runner. */

import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = await mkdtemp(join(tmpdir(), 'greenroom-tests-'));
const tests = (await readdir('test')).filter(name => name.endsWith('.test.ts'));
await build({
  entryPoints: tests.map(name => `test/${name}`),
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node'
});
const run = spawnSync('node', ['--test', '--test-reporter=spec', folder + '/'], { stdio: 'inherit' });
await rm(folder, { recursive: true });
process.exit(run.status ?? 1);
