/** The wire keeps what it was given until the service has stored it. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { Backoff } from '../src/wire/backoff';
import { FromBrowser, Observation, ToBrowser } from '../src/wire/messages';
import { left, Outbox, Shelf } from '../src/wire/outbox';
import { SocketLike, Wire, WireEvent } from '../src/wire/wire';

class MemoryShelf implements Shelf {
  private readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  key = (index: number): string | null => [...this.items.keys()][index] ?? null;
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

class FarEnd implements SocketLike {
  readyState = 0 as WebSocket['readyState'];
  onopen: WebSocket['onopen'] = null;
  onmessage: WebSocket['onmessage'] = null;
  onclose: WebSocket['onclose'] = null;
  onerror: WebSocket['onerror'] = null;
  readonly heard: FromBrowser[] = [];
  send = (data: unknown): void => void this.heard.push(JSON.parse(String(data)) as FromBrowser);
  close = (): void => undefined;

  open(): void {
    this.readyState = 1;
    this.onopen?.call(this as unknown as WebSocket, {} as Event);
  }
  say(message: Partial<ToBrowser> & { type: ToBrowser['type'] }): void {
    this.onmessage?.call(this as unknown as WebSocket, { data: JSON.stringify(message) } as MessageEvent);
  }
  drop(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.call(this as unknown as WebSocket, { code, reason } as CloseEvent);
  }
  get numbers(): number[] {
    return this.heard.flatMap(one => (one.type === 'observe' ? [one.n] : []));
  }
}

const seen = (id: string, end: number | null = 2): Observation => ({
  id,
  signal: 'visibility',
  kind: 'tab_hidden',
  start: 1,
  end,
  confidence: 1,
  quality: 1
});

const welcome = (acknowledged: number): Partial<ToBrowser> & { type: 'welcome' } => ({ type: 'welcome', acknowledged });

let shelf: MemoryShelf;
let ends: FarEnd[];
let wire: Wire;

function open(browser = 'a'.repeat(16)): FarEnd {
  ends = [];
  wire = new Wire(new Outbox(shelf, 's-1', browser, () => 1000), {
    connect: () => ends[ends.push(new FarEnd()) - 1],
    pulse: () => ({ camera: true, visible: true }),
    backoff: new Backoff(100, 800, () => 1)
  });
  ends[0].open();
  return ends[0];
}

beforeEach(() => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  shelf = new MemoryShelf();
});

afterEach(() => {
  wire.dispose();
  mock.timers.reset();
});

test('hello comes first, and nothing before the welcome', () => {
  const end = open();
  wire.observe(seen('aaaaaaaa'));
  assert.deepEqual(
    end.heard.map(one => one.type),
    ['hello']
  );
  end.say(welcome(0));
  assert.deepEqual(end.numbers, [1]);
});

test('what was not acknowledged is sent again after a cut, in order', () => {
  const end = open();
  end.say(welcome(0));
  ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].forEach(id => wire.observe(seen(id)));
  end.say({ type: 'acknowledged', n: 1, head: '' });
  end.drop();
  mock.timers.tick(100);
  ends[1].open();
  ends[1].say(welcome(1));
  assert.deepEqual(ends[1].numbers, [2, 3]);
});

test('what the service stored before the cut is not sent twice', () => {
  const end = open();
  end.say(welcome(0));
  wire.observe(seen('aaaaaaaa'));
  end.drop();
  mock.timers.tick(100);
  ends[1].open();
  ends[1].say(welcome(1));
  assert.deepEqual(ends[1].numbers, []);
  assert.equal(wire.standing.waiting, 0);
});

test('what still lasts after a cut is told again; what has ended is not', () => {
  const end = open();
  end.say(welcome(0));
  ['aaaaaaaa', 'bbbbbbbb'].forEach(id => wire.observe(seen(id, null)));
  wire.observe(seen('bbbbbbbb'));
  end.say({ type: 'acknowledged', n: 3, head: '' });
  end.drop();
  mock.timers.tick(100);
  ends[1].open();
  ends[1].say(welcome(3));
  assert.deepEqual(ends[1].heard.slice(1), [{ type: 'observe', n: 4, observation: seen('aaaaaaaa', null) }]);
});

test('a reload takes up what was left, and goes on with its numbers', () => {
  open().say(welcome(0));
  wire.observe(seen('aaaaaaaa'));
  wire.dispose();
  const [browser] = left(shelf, 's-1', 2000);
  const end = open(browser);
  wire.observe(seen('bbbbbbbb'));
  end.say(welcome(0));
  assert.deepEqual(end.numbers, [1, 2]);
});

test('what another session left is not taken up', () => {
  open();
  assert.deepEqual(left(shelf, 's-2', 2000), []);
});

test('a long silence comes back in portions', () => {
  const end = open();
  for (let n = 0; n < 50; n++) {
    wire.observe(seen('aaaaaaaa'));
  }
  end.say(welcome(0));
  assert.equal(end.numbers.length, 20);
  end.say({ type: 'acknowledged', n: 20, head: '' });
  assert.equal(end.numbers.length, 40);
});

test('a refused observation is not sent for ever', () => {
  const end = open();
  end.say(welcome(0));
  wire.observe(seen('aaaaaaaa'));
  end.say({ type: 'refused', why: 'the policy has no such signal', n: 1 });
  assert.equal(wire.standing.waiting, 0);
});

test('the waits between two tries grow, and start anew after a welcome', () => {
  open();
  ends[0].drop();
  mock.timers.tick(100);
  ends[1].drop();
  mock.timers.tick(199);
  assert.equal(ends.length, 2);
  mock.timers.tick(1);
  ends[2].open();
  ends[2].say(welcome(0));
  ends[2].drop();
  mock.timers.tick(100);
  assert.equal(ends.length, 4);
});

test('a seat that moved elsewhere ends it, with the reason', () => {
  const events: WireEvent[] = [];
  open();
  wire.listen(event => events.push(event));
  ends[0].drop(4401, 'moved');
  mock.timers.tick(60_000);
  assert.equal(ends.length, 1);
  assert.deepEqual(events.at(-1), { type: 'ended', why: 'moved' });
});

test('it beats every five seconds once it is welcome', () => {
  const end = open();
  mock.timers.tick(5000);
  end.say(welcome(0));
  mock.timers.tick(5000);
  assert.deepEqual(end.heard.slice(1), [{ type: 'beat', camera: true, visible: true }]);
});

test('nothing is heard after it was disposed of', () => {
  const events: WireEvent[] = [];
  const end = open();
  wire.listen(event => events.push(event));
  wire.dispose();
  end.say(welcome(0));
  mock.timers.tick(60_000);
  assert.deepEqual(events, []);
  assert.equal(ends.length, 1);
});
