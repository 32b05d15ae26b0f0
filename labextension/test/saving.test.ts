import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { NOTICED, OFFLINE, Saving } from '../src/lab/saving';

function listening(): [Saving, string[]] {
  mock.timers.enable({ apis: ['setTimeout'] });
  const said: string[] = [];
  return [new Saving(word => said.push(word)), said];
}

test('a key that is on disk at once goes without a word', t => {
  t.after(() => mock.timers.reset());
  const [saving, said] = listening();
  saving.stand({ connected: true, saved: true });
  for (let key = 0; key < 20; key++) {
    saving.stand({ connected: true, saved: false });
    mock.timers.tick(NOTICED / 10);
    saving.stand({ connected: true, saved: true });
  }
  assert.deepEqual(said, ['Saved']);
});

test('what stays unsaved is told once, however many keys follow', t => {
  t.after(() => mock.timers.reset());
  const [saving, said] = listening();
  for (let key = 0; key < 20; key++) {
    saving.stand({ connected: true, saved: false });
    mock.timers.tick(NOTICED / 10);
  }
  saving.stand({ connected: true, saved: true });
  assert.deepEqual(said, ['Saving …', 'Saved']);
});

test('a lost connection is told at once', t => {
  t.after(() => mock.timers.reset());
  const [saving, said] = listening();
  saving.stand({ connected: true, saved: false });
  saving.stand({ connected: false, saved: false });
  mock.timers.tick(2 * NOTICED);
  assert.deepEqual(said, [OFFLINE]);
});
