/** Calibration takes a person as they are, or says why it could not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { calibrate, Outcome } from '../src/camera/calibration';
import { Features } from '../src/camera/features';

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
  diff: 2
};

const many = (count: number, change: Partial<Features> = {}): Features[] =>
  Array(count).fill({ ...LOOKING, ...change });

function why(outcome: Outcome): string {
  return outcome.good ? 'good' : outcome.why;
}

test('a person is measured as they sit, whatever the angle of the camera and however narrow the eyes', () => {
  assert.deepEqual(calibrate(many(40)), {
    good: true,
    calibration: { yaw: 4, pitch: 9, gaze: -1, ear: 0.22, pictures: 40 }
  });
});

test('a glance and a blink change nothing', () => {
  const outcome = calibrate([...many(30), ...many(5, { yaw: 40 }), ...many(5, { blink: 0.9, ear: 0.02 })]);
  assert.deepEqual(outcome, {
    good: true,
    calibration: { yaw: 4, pitch: 9, gaze: -1, ear: 0.22, pictures: 35 }
  });
});

test('too few pictures, no face, two faces, closed eyes: each is told apart', () => {
  assert.match(why(calibrate(many(5))), /too few pictures/);
  assert.match(why(calibrate([...many(20), ...many(20, { faces: 0, yaw: null })])), /face was not seen/);
  assert.match(why(calibrate([...many(20), ...many(20, { faces: 2 })])), /More than one face/);
  assert.match(why(calibrate([...many(40, { blink: 0.8 })])), /eyes could not be seen/);
});
