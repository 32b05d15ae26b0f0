/** The browser's interpreter finds in every conformance trace what a person wrote down; Python's passes the same. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Stretch } from '../src/camera/detector';
import { Observer } from '../src/camera/observer';
import { Reading } from '../src/camera/rule';
import { table } from '../src/camera/table';
import { Observation } from '../src/wire/messages';
import { observe, Trace } from './trace';

const TRACES = '../tests/resources/traces';

for (const file of readdirSync(TRACES).filter(name => name.endsWith('.json'))) {
  test(`the trace ${file} gives what was written down`, () => {
    const trace = JSON.parse(readFileSync(`${TRACES}/${file}`, 'utf8')) as Trace & { observations: Stretch[] };
    const found = observe(trace).map(({ signal, kind, start, end, confidence }) => ({
      signal,
      kind,
      start,
      end,
      confidence: Number(confidence.toFixed(9))
    }));
    const wanted = trace.observations.map(one => ({ ...one, confidence: Number(one.confidence.toFixed(9)) }));
    assert.deepEqual(found, wanted);
  });
}

test("the table is the detector's half of rules.json", () => {
  const rules = JSON.parse(readFileSync('../proctor/greenroom_proctor/rules.json', 'utf8'));
  assert.deepEqual(table, { version: rules.version, ...rules.detector }, 'run `node scripts/table.mjs`');
});

const absent = (t: number): [number, Reading] => [t, { faces: 0, luma: 100, std: 50 }];
const present = (t: number): [number, Reading] => [t, { faces: 1, luma: 100, std: 50 }];

function told(readings: [number, Reading][], stop: number | null = null): Observation[] {
  const reports: Observation[] = [];
  const observer = new Observer(table.rules, one => reports.push(one));
  readings.forEach(([t, reading]) => observer.look({ t, reading, quality: 1 }));
  if (stop !== null) {
    observer.stop(stop);
  }
  return reports;
}

const eighths = (count: number): number[] => [...Array(count).keys()].map(index => index / 8);

test('an absence is told while it lasts and again, with the same id, when it is over', () => {
  const all = told([...eighths(24).map(absent), ...eighths(8).map(t => present(t + 3))]);
  assert.deepEqual(
    all.map(({ kind, start, end }) => [kind, start, end]),
    [
      ['face_absent', 0, null],
      ['face_absent', 0, 3]
    ]
  );
  assert.match(all[0].id, /^[0-9a-f]{12}$/);
  assert.equal(all[0].id, all[1].id);
});

test('a second absence is another one', () => {
  const ids = told([
    ...eighths(24).map(absent),
    ...eighths(8).map(t => present(t + 3)),
    ...eighths(24).map(t => absent(t + 4))
  ]).map(one => one.id);
  assert.equal(new Set(ids).size, 2);
});

test('what lasts when nobody looks any more ended with the last picture', () => {
  const all = told(eighths(24).map(absent), 60);
  assert.deepEqual([all.length, all[1].start, all[1].end], [2, 0, 23 / 8]);
});
