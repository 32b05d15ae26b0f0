/** Reads a list of traces from the file named and prints what the browser's detector finds: for Python's test. */

import { readFileSync } from 'node:fs';

import { observe, Trace } from './trace';

const traces = JSON.parse(readFileSync(process.argv[2], 'utf8')) as Trace[];
console.log(JSON.stringify(traces.map(observe)));
