/** How often a picture is read: as often as wanted, less on a computer that is slow or busy. Pure. */

/** Share of the time that the reader may use: more, and the fan is heard and the typing is felt. */
const SHARE = 0.5;
const SLOWEST = 2; // a second; fewer and a release of 0.5 s has one picture to stand on
const MEMORY = 0.1; // weight of the newest measurement

export interface Pace {
  wanted: number;
  milliseconds: number | null;
}

export function measured(pace: Pace, milliseconds: number): Pace {
  const before = pace.milliseconds ?? milliseconds;
  return { ...pace, milliseconds: before + (milliseconds - before) * MEMORY };
}

/** Pictures a second. */
export function perSecond({ wanted, milliseconds }: Pace): number {
  return milliseconds === null ? wanted : Math.max(SLOWEST, Math.min(wanted, (1000 * SHARE) / milliseconds));
}
