/** What pages say, as far as it is pure. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Event, left, Policy, Problem } from '../src/pages/api';
import { browserChecks, delay } from '../src/pages/candidate/checks';
import { promise, recorded } from '../src/pages/candidate/recorded';
import { inWords, topic } from '../src/pages/events';
import { plain } from '../src/pages/notebook';
import { exact, spoken } from '../src/pages/time';
import { nextInWords } from '../src/pages/words';

const policy = (signals: Policy['signals']): Policy => ({
  version: 1,
  signals,
  calibration: false,
  accommodations: [],
  languages: [],
  call: false,
  looks: false,
  paste: 'noted',
  limits: {},
  retention_days: 180
});
const event = (type: string, body: Event['body'] = {}, actor = 'candidate'): Event => ({
  seq: 1,
  at: 0,
  type,
  actor,
  body
});

test('the consent names every signal that is used, and none that is off', () => {
  const said = recorded(policy({ face: 'on', focus: 'inform', fullscreen: 'off' })).map(
    one => `${one.what}: ${one.how}`
  );
  assert.equal(said.length, 4);
  assert.match(said[2], /face.*told first/);
  assert.match(said[3], /keyboard.*only noted/);
  assert.ok(!said.some(one => one.includes('ullscreen')));
});

test('a signal without a sentence of its own is named all the same', () => {
  assert.match(recorded(policy({ posture: 'on' })).at(-1)?.how ?? '', /posture/);
});

test('the camera’s promise is made only where there is a camera check', () => {
  assert.match(promise(policy({ camera: 'inform' })) ?? '', /No picture leaves/);
  assert.equal(promise(policy({ face: 'off', fullscreen: 'on' })), null);
});

test('a browser that lacks something is told what to do', () => {
  const good = {
    isSecureContext: true,
    innerWidth: 1280,
    WebSocket: {},
    Worker: {},
    matchMedia: () => ({ matches: false })
  };
  assert.deepEqual(
    browserChecks(good).map(one => one.good),
    [true, true, true]
  );
  const bad = browserChecks({ ...good, isSecureContext: false, innerWidth: 390, Worker: undefined });
  assert.deepEqual(
    bad.map(one => one.good),
    [false, false, false]
  );
  assert.match(bad[1].text, /https/);
});

test('the delay of a connection is the middle one of three', async () => {
  const times = [0, 900, 1000, 1010, 2000, 2030]; // 900, 10 and 30 milliseconds
  const check = await delay(
    async () => undefined,
    () => times.shift() ?? 0
  );
  assert.deepEqual(check, { good: true, text: 'The connection is quick (30 ms).' });
});

test('a connection that does not answer is said to be so', async () => {
  const check = await delay(() => Promise.reject(new Problem('The server did not answer.', 0)));
  assert.deepEqual(check, { good: false, text: 'The server did not answer.' });
});

test('a fact is one sentence with the name of who did it', () => {
  assert.equal(
    inWords(event('session.pause', { reason: 'a call' }, 'jo'), { jo: 'Jo' }),
    'Jo paused: the clock stands still. Reason: a call'
  );
  assert.equal(
    inWords(event('run', { status: 'ok', milliseconds: 1200 })),
    'The candidate ran a cell: ok after 1.2 s.'
  );
  assert.match(inWords(event('session.arrive', { reason: 'without calibration' })), /says: without calibration/);
});

test('a fact that has no sentence is shown by its name', () => {
  assert.equal(inWords(event('room.turned_over', {}, 'service')), 'Greenroom: room turned over.');
  assert.deepEqual(['observation.left', 'incident.flag', 'run.elsewhere', 'submission'].map(topic), [
    'observed',
    'observed',
    'runs',
    'course'
  ]);
});

test('the clock runs by the server’s time, and stands still when it does not run', context => {
  context.mock.method(Date, 'now', () => 1_000_000);
  const clock = { duration: 60, left: 42, running: false, ends_at: null };
  assert.equal(left({ clock }, 0), 42);
  const running = { ...clock, running: true, ends_at: Date.now() + 30_000 };
  assert.equal(left({ clock: running }, 10_000), 20);
});

test('a time that may have to be proven names its zone, and UTC beside it', () => {
  assert.match(exact(Date.UTC(2026, 10, 23, 13, 5, 9)), /05:09.*UTC/);
  assert.deepEqual([1, 59, 60, 5400, 7200].map(spoken), [
    '1 second',
    '59 seconds',
    '1 minute',
    '1 hour 30 minutes',
    '2 hours'
  ]);
});

test('colour codes of terminals are left out', () => {
  assert.equal(plain('\u001b[0;31mNameError\u001b[0m: x'), 'NameError: x');
});

test('staff are told that the candidate declined, until they agree', () => {
  const answer = (accepted: boolean): Event => ({
    seq: 1,
    at: 0,
    type: 'consent.given',
    actor: 'x',
    body: { accepted }
  });
  assert.match(nextInWords('scheduled', []), /invitation link/);
  assert.match(nextInWords('scheduled', [answer(false)]), /did not agree/);
  assert.doesNotMatch(nextInWords('scheduled', [answer(false), answer(true)]), /did not agree/);
});
