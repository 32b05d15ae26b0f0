import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyUpdate, Doc } from 'yjs';

import { Kept, Shelf } from '../src/lab/kept';

class Memory implements Shelf {
  readonly held = new Map<string, string>();
  get length(): number {
    return this.held.size;
  }
  key = (index: number): string | null => [...this.held.keys()][index] ?? null;
  getItem = (key: string): string | null => this.held.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.held.set(key, value);
  removeItem = (key: string): void => void this.held.delete(key);
}

const PLACE = 'greenroom-kept:s-1:jo:';

function typed(kept: Kept, ...texts: string[]): Doc {
  const doc = new Doc();
  doc.on('update', (update: Uint8Array) => kept.add(update));
  texts.forEach(text => doc.getText('t').insert(doc.getText('t').length, text));
  return doc;
}

test('what was not saved is there after a reload, once', () => {
  const shelf = new Memory();
  const before = new Kept(shelf, PLACE, '1');
  typed(before, 'one ', 'two é😀');
  before.write();
  const after = new Kept(shelf, PLACE, '2');
  const again = new Doc();
  after.take().forEach(update => applyUpdate(again, update));
  assert.equal(again.getText('t').toString(), 'one two é😀');
  assert.deepEqual(after.take(), []);
  assert.equal(shelf.length, 0);
});

test('what is saved is kept no longer', () => {
  const shelf = new Memory();
  const kept = new Kept(shelf, PLACE, '1');
  typed(kept, 'one');
  kept.write();
  assert.equal(shelf.length, 1);
  kept.clear();
  assert.equal(shelf.length, 0);
  kept.write();
  assert.equal(shelf.length, 0);
});

test('somebody else’s edits and another session’s stay where they are', () => {
  const shelf = new Memory();
  const other = new Kept(shelf, 'greenroom-kept:s-1:ada:', '1');
  typed(other, 'mine');
  other.write();
  assert.deepEqual(new Kept(shelf, PLACE, '2').take(), []);
  assert.equal(shelf.length, 1);
});

test('a shelf that is full is no reason to stop', () => {
  const shelf = new Memory();
  shelf.setItem = () => {
    throw new Error('QuotaExceededError');
  };
  const kept = new Kept(shelf, PLACE, '1');
  typed(kept, 'one');
  kept.write();
  kept.clear();
});
