/** How often a picture is read: as often as wanted, less on a computer that is slow or busy. Pure. */

/** Share of one core's time that the reader may use: more, and the fan is heard and the typing is felt. */
const SHARE = 0.7;
/** Pictures a second on a weak machine; the table has times of its own for it. */
const SLOW = 2;
/** Below the first it goes to the slow pace, from the second on it comes back: it must not swing between them. */
const [DOWN, UP] = [3.5, 5];
/** Slower than this and even the slow rules have nothing to stand on. */
export const TOO_SLOW = 1.5;
/** On the slow pace it may use most of the time, rather than look too seldom to judge at all. */
const SHARE_SLOW = 0.8;
const MEMORY = 0.1; // weight of the newest measurement
const FIRST = 3; // pictures; the first ones compile code and say nothing about the machine

export interface Pace {
  wanted: number;
  milliseconds: number | null;
  slow: boolean;
  seen: number;
}

export const begin = (wanted: number): Pace => ({ wanted, milliseconds: null, slow: false, seen: 0 });

export function measured(pace: Pace, took: number): Pace {
  const seen = pace.seen + 1;
  if (seen <= FIRST) {
    return { ...pace, seen };
  }
  const before = pace.milliseconds ?? took;
  const milliseconds = before + (took - before) * MEMORY;
  const possible = (1000 * SHARE) / milliseconds;
  return { ...pace, seen, milliseconds, slow: pace.slow ? possible < UP : possible < DOWN };
}

/** Pictures a second. */
export function perSecond({ wanted, milliseconds, slow }: Pace): number {
  if (milliseconds === null) {
    return wanted;
  }
  return slow ? Math.min(SLOW, (1000 * SHARE_SLOW) / milliseconds) : Math.min(wanted, (1000 * SHARE) / milliseconds);
}
