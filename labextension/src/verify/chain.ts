/** The chain of events, checked event by event: the twin of greenroom_proctor.chain. */

import { hex, unbase64 } from './bytes';
import { canonical } from './canonical';

const VERSION = 1;
const START = '0'.repeat(64);
/** Hashes under way at once: enough to keep the processor busy, few enough to hold no second copy of a long record. */
const AT_ONCE = 500;

export interface Event {
  session: string;
  seq: number;
  at: number;
  type: string;
  actor: string;
  body: Record<string, unknown>;
  previous: string;
  hash: string;
}

export interface Checkpoint {
  session: string;
  seq: number;
  at: number;
  hash: string;
  key: string;
  signature: string;
}

/** The first event that is not as it was written, and what is wrong with it. */
export interface Problem {
  seq: number;
  why: string;
}

/** The number and the hash of an event that somebody kept. */
export type Head = [seq: number, hash: string];

export const digest = async (data: Uint8Array<ArrayBuffer>): Promise<string> =>
  hex(await crypto.subtle.digest('SHA-256', data));

export function eventHash({ session, seq, at, type, actor, body, previous }: Event): Promise<string> {
  return digest(canonical({ version: VERSION, session, seq, at, type, actor, body, previous }));
}

/** The first bad event, or null. `head`: one that somebody kept, such as a receipt's. */
export async function checkChain(
  events: Event[],
  checkpoints: Checkpoint[],
  key: CryptoKey | null,
  head: Head | null
): Promise<Problem | null> {
  return (await links(events)) ?? marks(events, checkpoints, head) ?? (await signatures(checkpoints, key));
}

async function links(events: Event[]): Promise<Problem | null> {
  let [previous, at] = [START, 0];
  for (let from = 0; from < events.length; from += AT_ONCE) {
    const some = events.slice(from, from + AT_ONCE);
    const hashes = await Promise.all(some.map(hashOf));
    for (const [index, event] of some.entries()) {
      const seq = from + index + 1;
      const why = wrong(event, hashes[index], seq, previous, at, events[0].session);
      if (why) {
        return { seq, why };
      }
      [previous, at] = [event.hash, event.at];
    }
  }
  return null;
}

/** What has no canonical form has no hash, and is not what was written. */
const hashOf = async (event: Event): Promise<string> => eventHash(event).catch(() => '');

function wrong(event: Event, hash: string, seq: number, previous: string, at: number, session: string): string | null {
  if (event.seq !== seq) {
    return `event ${seq} is missing; event ${event.seq} stands in its place`;
  }
  if (event.previous !== previous) {
    return `event ${seq} does not follow the event before it`;
  }
  if (event.hash !== hash) {
    return `event ${seq} was changed: its content does not give its hash`;
  }
  if (event.session !== session) {
    return `event ${seq} belongs to another session, ${event.session}`;
  }
  return event.at < at ? `event ${seq} is dated before the event before it` : null;
}

function marks(events: Event[], checkpoints: Checkpoint[], head: Head | null): Problem | null {
  const kept: Head[] = [...checkpoints.map((one): Head => [one.seq, one.hash]), ...(head ? [head] : [])];
  for (const [seq, hash] of kept.sort((one, other) => one[0] - other[0])) {
    if (seq > events.length) {
      const why = `the record was cut: ${seq} events were signed for, ${events.length} are here`;
      return { seq: events.length + 1, why };
    }
    if (seq > 0 && events[seq - 1].hash !== hash) {
      return { seq, why: `event ${seq} is not the one that was signed for` };
    }
  }
  return null;
}

async function signatures(checkpoints: Checkpoint[], key: CryptoKey | null): Promise<Problem | null> {
  for (const { session, seq, at, hash, signature } of key ? checkpoints : []) {
    const signed = canonical({ checkpoint: VERSION, session, seq, at, hash });
    if (!(await crypto.subtle.verify('Ed25519', key as CryptoKey, unbase64(signature), signed).catch(() => false))) {
      return { seq, why: `the signature at event ${seq} is not by the key given` };
    }
  }
  return null;
}

export const ed25519 = (raw: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', unbase64(raw), 'Ed25519', false, ['verify']);
