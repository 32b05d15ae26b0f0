/** Observations that the service has not acknowledged yet, numbered, and kept in the browser over a reload. */

import { Observation, Observe } from './messages';

const OLDEST = 20 * 3600 * 1000; // milliseconds; the service takes times up to a day, and a sitting lasts hours
const MOST = 1000; // messages; a page that is offline for an hour has some dozens

export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

interface Kept {
  began: number;
  last: number;
  waiting: Observe[];
}

const prefix = (session: string): string => `greenroom:${session}:`;

/** The ids of the browsers that left something on this shelf for this session, newest first. */
export function left(shelf: Shelf, session: string, now: number): string[] {
  const found: [string, number][] = [];
  for (let index = 0; index < shelf.length; index++) {
    const key = shelf.key(index) ?? '';
    const kept = key.startsWith(prefix(session)) ? read(shelf, key) : null;
    if (kept && now - kept.began < OLDEST) {
      found.push([key.slice(prefix(session).length), kept.began]);
    }
  }
  return found.sort((one, other) => other[1] - one[1]).map(([browser]) => browser);
}

export class Outbox {
  /** `now`: milliseconds that never go back while a page is open. */
  constructor(
    private readonly shelf: Shelf,
    session: string,
    readonly browser: string,
    private readonly now: () => number
  ) {
    this.key = prefix(session) + browser;
    this.kept = read(shelf, this.key) ?? { began: now(), last: 0, waiting: [] };
    this.save();
  }

  /** Seconds since this browser's numbers began: the clock by which observations are dated, over reloads too. */
  clock(): number {
    return Math.max(0, this.now() - this.kept.began) / 1000;
  }

  get waiting(): readonly Observe[] {
    return this.kept.waiting;
  }

  add(observation: Observation): Observe {
    const message: Observe = { type: 'observe', n: ++this.kept.last, observation };
    this.kept.waiting.push(message);
    this.kept.waiting.splice(0, Math.max(0, this.kept.waiting.length - MOST));
    this.save();
    return message;
  }

  /** The service has stored everything up to `n`. */
  acknowledge(n: number): void {
    this.kept.last = Math.max(this.kept.last, n);
    this.keep(message => message.n > n);
  }

  /** The service does not want this one. */
  drop(n: number): void {
    this.keep(message => message.n !== n);
  }

  private keep(wanted: (message: Observe) => boolean): void {
    this.kept.waiting = this.kept.waiting.filter(wanted);
    this.save();
  }

  private save(): void {
    try {
      this.shelf.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      return; // a full or forbidden shelf: it goes on in memory, and only a reload would lose anything
    }
  }

  private readonly key: string;
  private readonly kept: Kept;
}

function read(shelf: Shelf, key: string): Kept | null {
  try {
    const kept = JSON.parse(shelf.getItem(key) ?? 'null') as Kept | null;
    return kept && Number.isFinite(kept.began) && Array.isArray(kept.waiting) ? kept : null;
  } catch {
    return null;
  }
}
