/** Writes the browser's copy of the table of rules, which is proctor/greenroom_proctor/rules.json. A test holds them equal. */

import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';

const TO = 'src/camera/table.ts';
const rules = JSON.parse(await readFile('../proctor/greenroom_proctor/rules.json', 'utf8'));
const text = `/** The detector's half of proctor/greenroom_proctor/rules.json. Written by scripts/table.mjs; edit the JSON. */

import { Constant, Moment, Rule } from './rule';

export type MeasureName = ${Object.keys(rules.detector.measures)
  .map(name => `'${name}'`)
  .join(' | ')};
export type MeasureTable = Record<MeasureName, Constant>;

export interface Table {
  version: number;
  frames_per_second: number;
  slow_below: Constant;
  measures: MeasureTable;
  rules: Rule[];
  moments: Moment[];
}

export const table: Table = ${JSON.stringify({ version: rules.version, ...rules.detector })};
`;
await writeFile(TO, await format(text, { ...(await resolveConfig(TO)), filepath: TO }));
