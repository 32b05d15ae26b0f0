/** What changes with the pace: rules come and go, and what was seen by one that goes has an end. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Observer } from '../src/camera/observer';
import { rulesAt } from '../src/camera/rule';
import { table } from '../src/camera/table';
import { Observation } from '../src/wire/messages';

const FRAMES = table.rules.filter(rule => rule.source === 'frames');

test('a rule that is not judged at a slow pace ends what it saw, and the others go on', () => {
  const told: Observation[] = [];
  const observer = new Observer(FRAMES, one => told.push(one));
  const reading = { faces: 2, area_ratio: 0.5, luma: 110, std: 48, unchanged: 3 };
  for (let t = 0; t < 5; t += 0.125) {
    observer.look({ t, reading, quality: 1 });
  }
  assert.deepEqual(new Set(told.map(one => one.kind)), new Set(['multiple_faces', 'camera_frozen']));
  observer.follow(rulesAt(FRAMES, table.slow_below.value, 2), 5);
  const ended = told.filter(one => one.end !== null);
  assert.deepEqual(
    ended.map(one => one.kind),
    ['camera_frozen']
  );
  observer.stop(6);
  assert.deepEqual(
    told.filter(one => one.end !== null).map(one => one.kind),
    ['camera_frozen', 'multiple_faces']
  );
});

test('an observation says what measured it', () => {
  const told: Observation[] = [];
  const observer = new Observer(FRAMES, one => told.push(one));
  for (let t = 0; t < 5; t += 0.125) {
    observer.look({ t, reading: { faces: 0, luma: 110, std: t < 2.5 ? 48 : 1 }, quality: 1 });
  }
  assert.deepEqual(
    new Set(told.map(one => `${one.kind} ${one.by}`)),
    new Set(['face_absent face_reader', 'camera_covered picture'])
  );
});
