/** Whatever is done to a record is found, and the first bad event is named: Python's checker passes the same table. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Checkpoint, checkChain, ed25519, Event, Head } from '../src/verify/chain';

interface Table {
  public_key: string;
  head: Head;
  events: Event[];
  spoilings: { name: string; bad: number | null; events: (number | Event)[]; checkpoints: Checkpoint[] }[];
}

const table = JSON.parse(readFileSync('../tests/resources/spoiled.json', 'utf8')) as Table;

for (const { name, bad, events, checkpoints } of table.spoilings) {
  test(`the first bad event is named: ${name}`, async () => {
    const rows = events.map(one => (typeof one === 'number' ? table.events[one] : one));
    const problem = await checkChain(rows, checkpoints, await ed25519(table.public_key), table.head);
    // Well chained: only a signed number of events tells that one was added at the end.
    assert.equal(problem?.seq ?? null, name === 'an event added at the end' ? null : bad, problem?.why);
  });
}
