/** The browser's interpreter finds in every conformance trace what a person wrote down; Python's passes the same. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { finish, step, Stretch, Watch, watchNothing } from '../src/camera/detector';
import { Observer } from '../src/camera/observer';
import { Reading } from '../src/camera/rule';
import { table } from '../src/camera/table';
import { Observation } from '../src/wire/messages';

const TRACES = '../tests/resources/traces';

interface Trace {
  frames: (Reading & { t: number })[];
  observations: Pick<Stretch, 'signal' | 'kind' | 'start' | 'end' | 'confidence'>[];
}

function replay(frames: Trace['frames']): Stretch[] {
  let watch: Watch = watchNothing();
  const ended: Stretch[] = [];
  for (const { t, ...reading } of frames) {
    const [after, stretches] = step(table.rules, watch, { t, reading, quality: 1 });
    watch = after;
    ended.push(...stretches.filter(one => one.end !== null));
  }
  ended.push(...finish(table.rules, watch, watch.last ?? 0));
  return ended.sort((one, other) => one.start - other.start || one.kind.localeCompare(other.kind));
}

for (const file of readdirSync(TRACES).filter(name => name.endsWith('.json'))) {
  test(`the trace ${file} gives what was written down`, () => {
    const trace = JSON.parse(readFileSync(`${TRACES}/${file}`, 'utf8')) as Trace;
    const found = replay(trace.frames).map(({ signal, kind, start, end, confidence }) => ({
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

function observe(readings: [number, Reading][], stop: number | null = null): Observation[] {
  const told: Observation[] = [];
  const observer = new Observer(table.rules, one => told.push(one));
  readings.forEach(([t, reading]) => observer.look({ t, reading, quality: 1 }));
  if (stop !== null) {
    observer.stop(stop);
  }
  return told;
}

const eighths = (count: number): number[] => [...Array(count).keys()].map(index => index / 8);

test('an absence is told while it lasts and again, with the same id, when it is over', () => {
  const told = observe([...eighths(24).map(absent), ...eighths(8).map(t => present(t + 3))]);
  assert.deepEqual(
    told.map(({ kind, start, end }) => [kind, start, end]),
    [
      ['face_absent', 0, null],
      ['face_absent', 0, 3]
    ]
  );
  assert.match(told[0].id, /^[0-9a-f]{12}$/);
  assert.equal(told[0].id, told[1].id);
});

test('a second absence is another one', () => {
  const ids = observe([
    ...eighths(24).map(absent),
    ...eighths(8).map(t => present(t + 3)),
    ...eighths(24).map(t => absent(t + 4))
  ]).map(one => one.id);
  assert.equal(new Set(ids).size, 2);
});

test('what lasts when nobody looks any more ended with the last picture', () => {
  const told = observe(eighths(24).map(absent), 60);
  assert.deepEqual([told.length, told[1].start, told[1].end], [2, 0, 23 / 8]);
});
