/** What the call decides without a browser: collisions, ways that break, and who is said to see whom. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FRESH, Kept } from '../src/call/kept';
import { Peer, Showing } from '../src/call/messages';
import { Happening, judge, PATIENCE, Way, WAYS } from '../src/call/negotiation';
import { CallSocket } from '../src/call/socket';
import { cameraTrouble, list, noWay, seenBy, who } from '../src/call/words';
import { FromCaller, ToCaller } from '../src/call/messages';
import { SocketLike } from '../src/wire/wire';

const free = { signaling: 'stable', making: false, answering: false, polite: true } as const;
const ALL: Showing = { camera: true, microphone: true, screen: false, pictures: true };

test('of two offers that meet, exactly one is taken', () => {
  for (const busy of [{ making: true }, { signaling: 'have-local-offer' as const }]) {
    const verdicts = [true, false].map(polite => judge('offer', { ...free, ...busy, polite }));
    assert.deepEqual(verdicts, ['take', 'ignore']);
  }
});

test('an offer that meets nothing is taken by either side, and while an answer is applied, too', () => {
  for (const polite of [true, false]) {
    assert.equal(judge('offer', { ...free, polite }), 'take');
    assert.equal(judge('offer', { ...free, polite, signaling: 'have-local-offer', answering: true }), 'take');
  }
});

test('an answer is taken to an offer that is out, and to nothing else', () => {
  assert.equal(judge('answer', { ...free, signaling: 'have-local-offer' }), 'take');
  assert.equal(judge('answer', free), 'ignore');
  assert.equal(judge('answer', { ...free, signaling: 'closed' }), 'ignore');
});

/** way × happening → where to, and an exclamation mark where other addresses are tried. */
const EXPECTED: Record<Way, Record<Happening, string>> = {
  finding: { connected: 'open', disconnected: 'finding', failed: 'mending!', late: 'mending!', again: 'finding!' },
  open: { connected: 'open', disconnected: 'shaken', failed: 'mending!', late: 'open', again: 'mending!' },
  shaken: { connected: 'open', disconnected: 'shaken', failed: 'mending!', late: 'mending!', again: 'mending!' },
  mending: { connected: 'open', disconnected: 'mending', failed: 'lost', late: 'lost', again: 'mending!' },
  lost: { connected: 'open', disconnected: 'lost', failed: 'lost', late: 'lost!', again: 'mending!' }
};

test('every way and everything that can happen to it', () => {
  for (const [way, row] of Object.entries(EXPECTED)) {
    for (const [happening, expected] of Object.entries(row)) {
      const step = WAYS[way as Way][happening as Happening];
      assert.equal(`${step.way}${step.restart ? '!' : ''}`, expected, `${way}, ${happening}`);
    }
  }
});

test('whatever is not open is tried again by itself, for ever', () => {
  for (const way of Object.keys(WAYS) as Way[]) {
    let [now, restarted] = [way, way === 'open'];
    for (let steps = 0; steps < 4 && !restarted; steps += 1) {
      assert.notEqual(PATIENCE[now], null, now);
      restarted = WAYS[now].late.restart;
      now = WAYS[now].late.way;
    }
    assert.ok(restarted, way);
  }
});

const peer = (display_name: string, more: Partial<Peer> = {}): Peer => ({
  page: display_name,
  name: display_name.toLowerCase(),
  display_name,
  seat: 'interviewer',
  bond: 'talk',
  showing: ALL,
  polite: true,
  times: 1,
  ...more
});

test('whoever sees or hears is named, and nobody else', () => {
  const sent = { camera: true, microphone: true, screen: false };
  const listens = peer('Ben', { showing: { ...ALL, pictures: false } });
  assert.deepEqual(seenBy([peer('Ada'), listens], sent), ['Ada sees you.', 'Ada and Ben hear you.']);
  assert.deepEqual(seenBy([peer('Ada')], { ...sent, camera: false, microphone: false }), []);
  assert.deepEqual(seenBy([peer('Ada')], { camera: true, microphone: false, screen: true }), [
    'Ada sees you and your screen.'
  ]);
  assert.match(seenBy([peer('Ivy', { bond: 'looks' })], { ...sent, camera: false })[0], /^Ivy looks at you/);
  assert.deepEqual(seenBy([peer('Jo', { bond: 'seen' })], { ...sent, microphone: false }), []);
});

test('names are listed as people list them', () => {
  assert.deepEqual(
    [list([]), list(['A']), list(['A', 'B']), list(['A', 'B', 'C'])],
    ['', 'A', 'A and B', 'A, B and C']
  );
  const ada = { page: 'a', name: 'ada', display_name: 'Ada', seat: 'interviewer' as const, showing: ALL };
  assert.equal(who([], 'jo'), 'Nobody is in the call.');
  assert.equal(who([ada], 'ada'), 'You are alone in the call.');
  assert.equal(who([ada, { ...ada, page: 'b' }], 'jo'), 'In the call: Ada.');
});

test('without a way it is said whether a relay is missing', () => {
  assert.match(noWay(['Ada'], false), /would need a relay \(TURN\), and this server has none/);
  assert.match(noWay(['Ada'], true), /not even through the relay/);
  assert.match(cameraTrouble({ standing: 'denied', detail: '' }), /does not allow it/);
  assert.equal(cameraTrouble({ standing: 'on', detail: '' }), '');
});

test('a reload finds what was kept, and nonsense in its place is nothing', () => {
  const items = new Map<string, string>();
  const drawer = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value)
  };
  new Kept(drawer, 's-1').put({ showing: ALL });
  assert.deepEqual(new Kept(drawer, 's-1').get(), { ...FRESH, showing: ALL });
  assert.deepEqual(new Kept(drawer, 's-2').get(), FRESH);
  items.set('greenroom-call:s-2', '{');
  assert.deepEqual(new Kept(drawer, 's-2').get(), FRESH);
});

class FarEnd implements SocketLike {
  readyState = 1 as WebSocket['readyState'];
  onopen: WebSocket['onopen'] = null;
  onmessage: WebSocket['onmessage'] = null;
  onclose: WebSocket['onclose'] = null;
  onerror: WebSocket['onerror'] = null;
  readonly heard: string[] = [];
  send = (data: unknown): void => void this.heard.push((JSON.parse(String(data)) as FromCaller).type);
  close = (): void => undefined;
  say = (message: Partial<ToCaller>): void =>
    void this.onmessage?.call(this as unknown as WebSocket, { data: JSON.stringify(message) } as MessageEvent);
  open = (): void => {
    this.onopen?.call(this as unknown as WebSocket, {} as Event);
    this.say({ type: 'welcome' });
  };
  drop = (code: number): void =>
    void this.onclose?.call(this as unknown as WebSocket, { code, reason: 'moved' } as CloseEvent);
}

function dialled(): { ends: FarEnd[]; told: string[]; socket: CallSocket } {
  const [ends, told]: [FarEnd[], string[]] = [[], []];
  const connect = (): FarEnd => {
    ends.push(new FarEnd());
    return ends[ends.length - 1];
  };
  const socket = new CallSocket('0'.repeat(16), connect, {
    welcome: (_, again) => void told.push(again ? 'again' : 'welcome'),
    hear: said => void told.push(said.type),
    ended: why => void told.push(why)
  });
  return { ends, told, socket };
}

test('what is said before the socket is open waits; what belonged to a broken connection does not', () => {
  const { ends, told, socket } = dialled();
  socket.send({ type: 'look' });
  socket.send({ type: 'reach', to: '1'.repeat(16), path: '', mid: null, line: null });
  ends[0].open();
  assert.deepEqual(ends[0].heard, ['hello', 'look']);
  socket.renew();
  ends[1].open();
  assert.deepEqual([ends[1].heard, told], [['hello'], ['welcome', 'again']]);
  socket.close();
});

test('who was told why does not dial again', () => {
  const { ends, told, socket } = dialled();
  socket.start();
  ends[0].open();
  ends[0].drop(4401);
  assert.deepEqual([told, socket.open, ends.length], [['welcome', 'moved'], false, 1]);
});
