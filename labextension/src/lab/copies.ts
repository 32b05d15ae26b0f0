/** What was copied in this room, known again by its content. */

import { Transaction } from '@codemirror/state';

const KEPT = 50; // copies: more than anybody goes back
const SHORT = 200; // characters up to which a copy is kept as it is; a longer one by length and hash

/** The same text, whatever became of its white space on the way. */
export const fingerprint = (text: string): string => text.replace(/\s+/g, ' ').trim();

export class Copies {
  constructor(readonly kept: string[]) {}

  add(text: string): void {
    const mark = markOf(text);
    if (mark !== '' && !this.kept.includes(mark)) {
      this.kept.push(mark);
      this.kept.splice(0, this.kept.length - KEPT);
    }
  }

  has(text: string): boolean {
    return this.kept.includes(markOf(text));
  }
}

function markOf(text: string): string {
  const plain = fingerprint(text);
  return plain.length <= SHORT ? plain : `${plain.length}:${hash(plain)}`;
}

/** FNV-1a, 32 bits: it tells copies apart, and nobody gains by making two alike. */
function hash(text: string): number {
  let made = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    made = Math.imul(made ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return made;
}

/** All that a transaction puts in. */
export function inserted(transaction: Transaction): string {
  const parts: string[] = [];
  transaction.changes.iterChanges((_fromA, _toA, _fromB, _toB, text) => parts.push(text.toString()));
  return parts.join('\n');
}
