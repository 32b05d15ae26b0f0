/** Checks the record in a folder as the page does, some times over, and prints how many seconds each took: for the bench. */

import { readFileSync } from 'node:fs';

import { Checkpoint, checkChain, ed25519, Event } from '../src/verify/chain';

const [folder, key, rounds] = process.argv.slice(2);
const text = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8');
const rows = <T>(content: string): T[] =>
  content
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as T);

const [events, marks] = [text('events'), text('marks')];
const times: number[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const began = performance.now();
  const problem = await checkChain(rows<Event>(events), rows<Checkpoint>(marks), await ed25519(key), null);
  if (problem) {
    throw new Error(problem.why);
  }
  times.push((performance.now() - began) / 1000);
}
console.log(JSON.stringify(times));
