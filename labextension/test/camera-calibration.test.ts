/** Calibration takes a person as they are, or says why it could not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { calibrate, Outcome } from '../src/camera/calibration';
import { Features } from '../src/camera/features';
import { keptFor } from '../src/camera/kept';
import { table } from '../src/camera/table';

const LOOKING: Features = {
  t: 0,
  faces: 1,
  area_ratio: null,
  yaw: 4,
  pitch: 9,
  roll: 0,
  gaze: -1,
  ear: 0.22,
  blink: 0.1,
  luma: 110,
  std: 48,
  diff: 2,
  noise: 3
};

const calibrateWith = (samples: Features[]): Outcome => calibrate(table.measures, samples);
const BASE = { yaw: 4, pitch: 9, gaze: -1, ear: 0.22, luma: 110, std: 48, widening: 0 };

const many = (count: number, change: Partial<Features> = {}): Features[] =>
  Array(count).fill({ ...LOOKING, ...change });

function why(outcome: Outcome): string {
  return outcome.good ? 'good' : outcome.why;
}

test('a person is measured as they sit, whatever the angle of the camera and however narrow the eyes', () => {
  assert.deepEqual(calibrateWith(many(40)), {
    good: true,
    baseline: BASE
  });
});

test('a glance and a blink change nothing', () => {
  const outcome = calibrateWith([...many(30), ...many(3, { yaw: 40 }), ...many(5, { blink: 0.9, ear: 0.02 })]);
  assert.deepEqual(outcome, {
    good: true,
    baseline: { ...BASE, widening: 0 }
  });
});

test('too few pictures, no face, two faces, closed eyes, the dark, looks elsewhere: each is told apart', () => {
  assert.match(why(calibrateWith(many(5))), /too few pictures/);
  assert.match(why(calibrateWith([...many(20), ...many(20, { faces: 0, yaw: null })])), /face was not seen/);
  assert.match(why(calibrateWith([...many(20), ...many(20, { faces: 2 })])), /More than one face/);
  assert.match(why(calibrateWith([...many(40, { blink: 0.8 })])), /eyes could not be seen/);
  assert.match(why(calibrateWith(many(40, { luma: 12, faces: 0 }))), /too dark/);
  assert.match(why(calibrateWith([...many(20), ...many(20, { yaw: 64 })])), /looked away from the dots/);
});

test('a calibration is kept for its session, and nothing else is taken for one', () => {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string): string | null => items.get(key) ?? null,
    setItem: (key: string, value: string): void => void items.set(key, value)
  };
  keptFor('s-1', storage).put(BASE);
  assert.deepEqual(keptFor('s-1', storage).get(), BASE);
  assert.equal(keptFor('s-2', storage).get(), null);
  for (const wrong of ['{', '{}', 'null', JSON.stringify({ ...BASE, yaw: 'left' })]) {
    items.set('greenroom:calibration:s-1', wrong);
    assert.equal(keptFor('s-1', storage).get(), null, wrong);
  }
});
