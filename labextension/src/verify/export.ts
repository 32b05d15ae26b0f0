/** The export of a session, and what can be looked at in it without asking anybody: the twin of greenroom_proctor.export. */

import { unbase64 } from './bytes';
import { canonical } from './canonical';
import { Checkpoint, checkChain, digest, ed25519, Event } from './chain';
import { Check, check, Part, PublishedKey, readReceipt, Receipt } from './receipt';
import { ScoreTable, scoreOf } from './score';

const SCHEMA = 'greenroom.export.v1';
const MANIFEST = 'manifest.json';

type Files = Map<string, Uint8Array<ArrayBuffer>>;

export interface Manifest {
  schema: string;
  session: string;
  made: string;
  versions: Record<string, string>;
  parts: Part[];
  record: { rows: number; sha256: string };
  key: string;
  public_key: string;
  signature: string;
}

const right = (text: string): Check => ({ good: true, text });
const wrong = (text: string): Check => ({ good: false, text });

export function readManifest(files: Files): Manifest {
  const manifest = json<Manifest>(files, MANIFEST);
  if (manifest.schema !== SCHEMA) {
    throw new Error(`this is no export that this page knows: ${manifest.schema}, not ${SCHEMA}`);
  }
  return manifest;
}

/** Looks at everything: the chain first, since its first bad event says most. `kept`: a receipt that somebody kept. */
export async function checkExport(
  files: Files,
  manifest: Manifest,
  published: PublishedKey | null,
  kept: Receipt | null
): Promise<Check[]> {
  const key = await ed25519(published?.public_key ?? manifest.public_key);
  const events = rows<Event>(files, 'events.jsonl');
  return [
    await chained(files, events, manifest, key),
    await payloads(files, events),
    ...(await parts(files, manifest)),
    ...(await signed(manifest, published, key)),
    ...(await receipts(files, events, published, kept)),
    score(files, events)
  ];
}

async function chained(files: Files, events: Event[], { record, session }: Manifest, key: CryptoKey): Promise<Check> {
  const checkpoints = rows<Checkpoint>(files, 'checkpoints.jsonl');
  const problem = await checkChain(events, checkpoints, key, [record.rows, record.sha256]);
  if (problem) {
    return wrong(`The first bad event is number ${problem.seq}: ${problem.why}.`);
  }
  if (events[0]?.session !== session) {
    return wrong(`The first bad event is number 1: it belongs to another session, ${events[0]?.session}.`);
  }
  if (events.length > record.rows) {
    return wrong(`The first bad event is number ${record.rows + 1}: it came after the export was signed.`);
  }
  return right(`${events.length} events follow one another, ${checkpoints.length} signatures on the way.`);
}

async function payloads(files: Files, events: Event[]): Promise<Check> {
  const committed = new Map(events.filter(one => 'private' in one.body).map(one => [one.seq, one.body.private]));
  const kept = rows<{ seq: number; salt: string; data: unknown }>(files, 'payloads.jsonl');
  for (const { seq, salt, data } of kept) {
    const [salted, plain] = [unbase64(salt), canonical(data)];
    const both = new Uint8Array(salted.length + plain.length);
    both.set(salted);
    both.set(plain, salted.length);
    if ((await digest(both)) !== committed.get(seq)) {
      return wrong(`The first bad event is number ${seq}: what it says of a person is not what was committed.`);
    }
  }
  return right(`${kept.length} payloads are what their events committed to.`);
}

async function parts(files: Files, { parts: listed }: Manifest): Promise<Check[]> {
  const bad: Check[] = [];
  for (const { name, sha256 } of listed) {
    const content = files.get(name);
    if (!content || (await digest(content)) !== sha256) {
      bad.push(wrong(content ? `${name} was changed.` : `${name} is missing.`));
    }
  }
  const known = new Set([MANIFEST, ...listed.map(one => one.name)]);
  const added = [...files.keys()].filter(name => !known.has(name));
  bad.push(...added.map(name => wrong(`${name} was added after the export was signed.`)));
  return bad.length > 0 ? bad : [right(`${listed.length} files are as they were exported.`)];
}

async function signed(manifest: Manifest, published: PublishedKey | null, key: CryptoKey): Promise<Check[]> {
  const { signature, ...content } = manifest;
  const good = await crypto.subtle.verify('Ed25519', key, unbase64(signature), canonical(content)).catch(() => false);
  if (!good) {
    return [wrong('The manifest was changed, or another key signed it.')];
  }
  const whose = published ? ` of ${published.organisation}` : '';
  const open = `Whose key ${manifest.key} is stays open: the organisation’s published key could not be had. Compare the two.`;
  return [
    right(`The manifest is as it was signed, by the key ${published?.key ?? manifest.key}${whose}.`),
    ...(published ? [] : [{ good: null, text: open }])
  ];
}

async function receipts(
  files: Files,
  events: Event[],
  published: PublishedKey | null,
  kept: Receipt | null
): Promise<Check[]> {
  const content = files.get('receipt.json');
  const inside = content ? readReceipt(new TextDecoder().decode(content)) : null;
  if (!inside && !kept) {
    return [{ good: null, text: 'Nothing had been handed in when this was exported.' }];
  }
  const checks: Check[] = [];
  for (const [given, whose] of [
    [inside, 'The receipt in the export'],
    [kept, 'The receipt that was kept']
  ] as const) {
    if (given) {
      const bad = (await check(given, published, [])).filter(one => one.good === false);
      const { rows: seq, sha256 } = given.record;
      const same = events[seq - 1]?.hash === sha256;
      checks.push(
        ...bad,
        same ? right(`${whose} names event ${seq} as it stands here.`) : wrong(`${whose} names another event ${seq}.`)
      );
    }
  }
  return checks;
}

function score(files: Files, events: Event[]): Check {
  const shown = json<{ score: { value: number } | null; why: string }>(files, 'score.json');
  if (!shown.score) {
    return { good: null, text: `There is no score in it: ${shown.why}` };
  }
  const again = scoreOf(json<{ score: ScoreTable }>(files, 'rules.json').score, events);
  return again === shown.score.value
    ? right(`The score ${again} follows from the events and the rules in the export.`)
    : wrong(`The score says ${shown.score.value}; computed anew from the events and rules it is ${again}.`);
}

function json<T>(files: Files, name: string): T {
  const content = files.get(name);
  if (!content) {
    throw new Error(`${name} is not in the zip`);
  }
  try {
    return JSON.parse(new TextDecoder().decode(content)) as T;
  } catch {
    throw new Error(`${name} cannot be read`);
  }
}

function rows<T>(files: Files, name: string): T[] {
  const lines = new TextDecoder().decode(files.get(name) ?? new Uint8Array()).split('\n');
  return lines
    .filter(line => line !== '')
    .map((line, index) => {
      try {
        return JSON.parse(line) as T;
      } catch {
        throw new Error(`${name}: row ${index + 1} cannot be read`);
      }
    });
}
