/** What the camera check says: one honest sentence for each state, with a way on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Features } from '../src/camera/features';
import { Standing } from '../src/camera/source';
import { table } from '../src/camera/table';
import { CameraState, lightOf, measured, ReaderStanding, sentence } from '../src/camera/words';

const SEEN: Features = {
  t: 0,
  faces: 1,
  area_ratio: null,
  yaw: -12.4,
  pitch: 0,
  roll: 0,
  gaze: 0,
  ear: 0.3,
  blink: 0.1,
  luma: 110,
  std: 48,
  diff: 2,
  noise: 3
};

const state = (change: Partial<CameraState>): CameraState => ({
  standing: 'on',
  reader: 'ready',
  detail: '',
  features: SEEN,
  looking: 'now',
  slow: false,
  calibrated: true,
  ...change
});

const STANDINGS: Standing[] = [
  'asking',
  'on',
  'denied',
  'missing',
  'busy',
  'unplugged',
  'muted',
  'insecure',
  'unsupported',
  'failed'
];
const READERS: ReaderStanding[] = ['waiting', 'loading', 'ready', 'no_download', 'wrong_hash', 'no_webgl', 'stopped'];

test('every state has a sentence, and only a camera that sees a face is good', () => {
  for (const standing of STANDINGS) {
    for (const reader of READERS) {
      const { tone, text } = sentence(state({ standing, reader }));
      assert.ok(text.length > 10, `${standing}, ${reader}`);
      assert.equal(tone === 'good', standing === 'on' && reader === 'ready', `${standing}, ${reader}`);
    }
  }
});

test('in the dark nothing is said about a face', () => {
  const dark = sentence(state({ features: { ...SEEN, faces: 0, luma: 12 } }));
  assert.match(dark.text, /too dark/);
  assert.doesNotMatch(dark.text, /does not see your face/);
});

test('the light is judged by the numbers of the rule', () => {
  const limits = ['poor_picture', 'camera_covered'].flatMap(kind =>
    (table.rules.find(one => one.kind === kind)?.on ?? [])
      .filter(all => all.length === 1)
      .map(([one]) => one.below ?? one.at_least)
  );
  assert.deepEqual(limits, [25, 240, 2.5]);
  assert.deepEqual(
    [
      { luma: 24.9, std: 50 },
      { luma: 25, std: 50 },
      { luma: 44, std: 50, faces: 0 },
      { luma: 240, std: 50 },
      { luma: 100, std: 2.4 },
      { luma: 100, std: 50, noise: 25 }
    ].map(one => lightOf({ faces: 1, noise: 3, ...one })),
    ['dark', 'good', 'dark', 'bright', 'flat', 'noisy']
  );
});

test('what the browser said about an unknown failure is passed on', () => {
  assert.match(sentence(state({ standing: 'failed', detail: 'out of luck' })).text, /The browser says: out of luck/);
});

test('what is measured is shown as numbers with words', () => {
  assert.deepEqual(measured(SEEN, 8), [
    ['Faces in the picture', '1'],
    ['Light', 'good (110 of 255)'],
    ['Head turned', '12°'],
    ['Eyes turned', '0°'],
    ['Looked at', '8 times a second']
  ]);
  assert.deepEqual(measured(null, 8), []);
});

test('what is not measured is said, and so is what is judged less', () => {
  assert.match(sentence(state({ looking: 'waiting' })).text, /gives no pictures/);
  assert.match(sentence(state({ looking: 'hidden' })).text, /in the background, so nothing/);
  assert.match(sentence(state({ looking: 'too_slow' })).text, /too busy to read/);
  assert.match(sentence(state({ slow: true })).text, /twice a second/);
  assert.match(sentence(state({ calibrated: false })).text, /Where you look is not judged/);
  assert.match(sentence(state({ features: { ...SEEN, faces: 2 } })).text, /second face/);
});
