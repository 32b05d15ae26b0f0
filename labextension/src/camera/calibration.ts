/** Calibration: how this person's face reads while they look at the screen. Pure; medians, so that a glance changes nothing. */

import { Features } from './features';

export interface Calibration {
  yaw: number;
  pitch: number;
  gaze: number;
  ear: number;
  /** Pictures it stands on. */
  pictures: number;
}

export type Outcome = { good: true; calibration: Calibration } | { good: false; why: string };

/** A closed eye looks like one that looks down (blendshape eyeBlink, 0–1). */
const BLINK = 0.35;
/** Of five dots at 8 pictures a second about 40 are looked at; half of them give steady medians. */
const FEWEST = 12;
const SHARE_WITH_FACE = 0.7;

export function calibrate(samples: Features[]): Outcome {
  if (samples.length < FEWEST) {
    return { good: false, why: 'The camera gave too few pictures. Close other programs that are busy, and try again.' };
  }
  const withFace = samples.filter(one => one.faces === 1);
  if (withFace.length < samples.length * SHARE_WITH_FACE) {
    const two = samples.filter(one => one.faces > 1).length > samples.length * (1 - SHARE_WITH_FACE);
    return {
      good: false,
      why: two
        ? 'More than one face was in the picture. Sit so that the camera sees only you, and try again.'
        : 'Your face was not seen most of the time. Sit in front of the camera, with light from the front, and try again.'
    };
  }
  const open = withFace.filter(one => (one.blink ?? 1) < BLINK);
  if (open.length < FEWEST) {
    return { good: false, why: 'Your eyes could not be seen well. More light from the front helps; then try again.' };
  }
  const middle = (name: 'yaw' | 'pitch' | 'gaze' | 'ear'): number => median(open.map(one => one[name] ?? 0));
  return {
    good: true,
    calibration: {
      yaw: middle('yaw'),
      pitch: middle('pitch'),
      gaze: middle('gaze'),
      ear: middle('ear'),
      pictures: open.length
    }
  };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
