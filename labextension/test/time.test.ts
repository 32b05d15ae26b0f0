/** Time as people read it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { duration } from '../src/pages/time';

test('a duration has hours only when it needs them, and is never negative', () => {
  assert.deepEqual([-5, 0, 59.6, 3599, 3600, 7325].map(duration), [
    '0:00',
    '0:00',
    '1:00',
    '59:59',
    '1:00:00',
    '2:02:05'
  ]);
});
