/**
 * How one person's face reads while they look at the screen. Pure; medians, so that a glance or a blink changes
 * nothing. Python's proctor/greenroom_proctor/calibration.py is the same.
 */

import { median } from './calibration';
import { Reading } from './rule';
import { MeasureTable } from './table';

/** Angles in degrees, `ear` the eyelids' opening, `luma` and `std` 0–255. */
export interface Baseline {
  yaw: number;
  pitch: number;
  gaze: number;
  ear: number;
  luma: number | null;
  std: number | null;
  /** By how many degrees the limits sideways are wider, because the calibration's own glances went far. */
  widening: number;
}

const NAMES = ['yaw', 'pitch', 'gaze', 'ear', 'blink'] as const;
/** The share of glances that is left out. */
const SPREAD = 0.1;

/** The baseline of these pictures; null when too few show a face with open eyes. */
export function baselineOf(constants: MeasureTable, frames: Reading[]): Baseline | null {
  const open = frames.filter(one => usable(constants, one));
  if (open.length < constants.fewest.value) {
    return null;
  }
  const middle = (name: string): number => median(numbers(open, name));
  const [yaw, gaze] = [middle('yaw'), middle('gaze')];
  const glances = open.map(one => Math.abs((one.yaw ?? 0) - yaw + (one.gaze ?? 0) - gaze)).sort((a, b) => a - b);
  const outermost = glances[Math.floor((glances.length - 1) * (1 - SPREAD))];
  const wider = outermost + constants.room.value - constants.aside.value;
  return {
    yaw,
    pitch: middle('pitch'),
    gaze,
    ear: middle('ear'),
    luma: numbers(open, 'luma').length > 0 ? middle('luma') : null,
    std: numbers(open, 'std').length > 0 ? middle('std') : null,
    widening: Math.min(constants.widest.value, Math.max(0, wider))
  };
}

function usable(constants: MeasureTable, frame: Reading): boolean {
  const known = frame.faces != null && NAMES.every(name => frame[name] != null);
  return known && (frame.blink ?? 0) < constants.blink.value && (frame.ear ?? 0) > 0;
}

const numbers = (frames: Reading[], name: string): number[] =>
  frames.map(one => one[name]).filter(value => value != null);
