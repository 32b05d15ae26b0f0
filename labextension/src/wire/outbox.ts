/** Observations that the service has not acknowledged yet. Kept in the tab's own storage, so that a reload loses none. */

import { Observation } from './messages';

interface Kept {
  browser: string;
  /** Milliseconds since the epoch at which this browser's clock reads zero; the same after a reload. */
  zero: number;
  n: number;
  waiting: { n: number; observation: Observation }[];
}

const LONGEST = 80_000; // seconds; the service takes a day at most, and a sitting is shorter

export class Outbox {
  constructor(
    session: string,
    private readonly storage: Storage,
    /** Milliseconds since the epoch, never going back while the page is open. */
    private readonly now: () => number = () => performance.timeOrigin + performance.now()
  ) {
    this.key = `greenroom:wire:${session}`;
    this.kept = this.load() ?? { browser: freshId(), zero: now(), n: 0, waiting: [] };
    this.save();
  }

  get browser(): string {
    return this.kept.browser;
  }

  get waiting(): { n: number; observation: Observation }[] {
    return this.kept.waiting;
  }

  /** Seconds on the clock by which observations are dated. */
  clock(): number {
    return Math.max(0, (this.now() - this.kept.zero) / 1000);
  }

  add(observation: Observation): { n: number; observation: Observation } {
    const numbered = { n: (this.kept.n += 1), observation };
    this.kept.waiting.push(numbered);
    this.save();
    return numbered;
  }

  /** Everything up to `n` is durable in the service. */
  acknowledge(n: number): void {
    this.kept.n = Math.max(this.kept.n, n);
    this.kept.waiting = this.kept.waiting.filter(one => one.n > n);
    this.save();
  }

  /** The service will not take this one; sending it again would not help. */
  drop(n: number): void {
    this.kept.waiting = this.kept.waiting.filter(one => one.n !== n);
    this.save();
  }

  private load(): Kept | null {
    try {
      const kept = JSON.parse(this.storage.getItem(this.key) ?? 'null') as Kept | null;
      return kept && this.now() - kept.zero < LONGEST * 1000 ? kept : null;
    } catch {
      return null;
    }
  }

  private save(): void {
    try {
      this.storage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      // A browser that keeps nothing still sends; only a reload while offline would lose something.
    }
  }

  private readonly key: string;
  private readonly kept: Kept;
}

function freshId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
