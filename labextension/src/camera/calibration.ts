/** Whether a guided calibration can be used, with the reason if not. Pure. The numbers themselves are `baselineOf`'s. */

import { Baseline, baselineOf } from './baseline';
import { Features } from './features';
import { Reading } from './rule';
import { MeasureTable } from './table';

export type Outcome = { good: true; baseline: Baseline } | { good: false; why: string };

/** Of five dots at 8 pictures a second about 40 are looked at; on the slow pace about 10. */
const FEWEST = 6;
const SHARE_WITH_FACE = 0.7;
const SHARE_OPEN = 0.5;
/** Degrees from the middle of all looks. The corners of a wide screen are within it, a second screen is not. */
const FAR = 26;
const SHARE_NEAR = 0.8;
/** Mean brightness 0–255 below which faces get lost. */
const DARK = 25;

export function calibrate(constants: MeasureTable, samples: Features[]): Outcome {
  const refused = (why: string): Outcome => ({ good: false, why });
  if (samples.length < FEWEST) {
    return refused('The camera gave too few pictures. Close other programs that are busy, and try again.');
  }
  if (median(samples.map(one => one.luma)) < DARK) {
    return refused('The picture was too dark. Sit with light from the front, and try again.');
  }
  const alone = samples.filter(one => one.faces === 1);
  if (alone.length < samples.length * SHARE_WITH_FACE) {
    const two = samples.filter(one => one.faces > 1).length > samples.length * (1 - SHARE_WITH_FACE);
    return refused(
      two
        ? 'More than one face was in the picture. Sit so that the camera sees only you, and try again.'
        : 'Your face was not seen most of the time. Sit in front of the camera, with light from the front, and try again.'
    );
  }
  const readings = alone.map(one => ({ ...one }) as Reading);
  const baseline = baselineOf(constants, readings);
  const open = alone.filter(one => (one.blink ?? 1) < constants.blink.value);
  if (baseline === null || open.length < alone.length * SHARE_OPEN) {
    return refused('Your eyes could not be seen well. More light from the front helps; then try again.');
  }
  const near = open.filter(one => away(one, baseline) < FAR);
  return near.length < open.length * SHARE_NEAR
    ? refused('You looked away from the dots for a part of the time. Follow them with your eyes, and try again.')
    : { good: true, baseline };
}

const away = ({ yaw, gaze }: Features, base: Baseline): number =>
  Math.abs((yaw ?? 0) - base.yaw + (gaze ?? 0) - base.gaze);

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
