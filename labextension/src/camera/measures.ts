/**
 * From what was read in pictures to what rules ask about: differences to the calibration, smoothed, and for how long
 * nothing has moved. Pure. Python's proctor/greenroom_proctor/measures.py is the same; both pass the traces in
 * tests/resources/traces.
 */

import { Baseline } from './baseline';
import { Reading } from './rule';
import { MeasureTable } from './table';
import { median } from './calibration';

export type Frame = Reading & { t: number };

/** What is remembered of one picture. Angles in degrees from the calibration, `lid` as a share of it. */
interface Seen {
  t: number;
  yaw: number | null;
  pitch: number | null;
  gaze: number | null;
  lid: number | null;
  /** 1 where there was no face. */
  blink: number;
  diff: number | null;
  /** Gaze and lid, smoothed; null where no eye was seen. */
  steady: [number, number] | null;
}

/** The pictures of the last seconds, oldest first. */
export type Memory = readonly Seen[];

type Smoothed = 'yaw' | 'pitch' | 'gaze' | 'lid';

/** One picture further: the memory after it, and its numbers with those that the rules ask about beside them. */
export function measure(
  constants: MeasureTable,
  base: Baseline | null,
  memory: Memory,
  frame: Frame
): [Memory, Reading] {
  const now = relative(constants, base, frame);
  const kept = memory.filter(one => one.t >= now.t - constants.window.value);
  const seen = [...kept, now];
  const of = (name: Smoothed): number | null => smooth(constants, seen, name);
  const [yaw, pitch, gaze, lid] = [of('yaw'), of('pitch'), of('gaze'), of('lid')];
  if (now.blink < 1 && gaze !== null && lid !== null) {
    seen[seen.length - 1] = { ...now, steady: [gaze, lid] };
  }
  const wide = base?.widening ?? 0;
  return [
    seen,
    {
      ...frame,
      turn: yaw === null ? null : Math.abs(yaw) - wide,
      aside: yaw === null || gaze === null ? null : Math.abs(yaw + gaze) - wide,
      pitch_down: pitch,
      pitch_up: pitch === null ? null : -pitch,
      lid,
      unchanged: unchanged(constants, seen),
      fresh: fresh(constants, seen),
      eyes_still: eyesStill(constants, seen),
      luma_ratio: share(frame.luma, base?.luma),
      std_ratio: share(frame.std, base?.std)
    }
  ];
}

/** A picture in terms of the calibration. Closed eyes look nowhere: gaze and lids are not known then. */
function relative(constants: MeasureTable, base: Baseline | null, frame: Frame): Seen {
  const diff = frame.diff ?? null;
  if (base === null || !frame.faces) {
    return { t: frame.t, yaw: null, pitch: null, gaze: null, lid: null, blink: 1, diff, steady: null };
  }
  const blink = frame.blink ?? null;
  const lid = share(frame.ear, base.ear);
  return {
    t: frame.t,
    yaw: less(frame.yaw, base.yaw),
    pitch: less(frame.pitch, base.pitch),
    gaze: blink === null || blink >= constants.blink.value ? null : less(frame.gaze, base.gaze),
    lid: lid === null || lid < constants.closed.value ? null : lid,
    blink: blink ?? 1,
    diff,
    steady: null
  };
}

const less = (value: number | null | undefined, by: number): number | null => (value == null ? null : value - by);

const share = (value: number | null | undefined, of: number | null | undefined): number | null =>
  value == null || !of ? null : value / of;

/** The median of the last moment. Over a blink the last reading holds: where no face is, nothing does. */
function smooth(constants: MeasureTable, seen: Memory, name: Smoothed): number | null {
  const t = seen[seen.length - 1].t;
  const known: number[] = [];
  for (let place = seen.length - 1; place >= 0; place -= 1) {
    const one = seen[place];
    const old = t - one.t > constants.smooth.value;
    if (one.yaw === null || t - one.t > constants.hold.value || (known.length > 0 && old)) {
      break;
    }
    const value = one[name];
    if (value !== null) {
      known.push(value);
      if (old) {
        break;
      }
    }
  }
  return known.length > 0 ? median(known) : null;
}

/** For how many seconds the picture has been the same one: no new picture, and hardly any drift in all. */
function unchanged(constants: MeasureTable, seen: Memory): number {
  const t = seen[seen.length - 1].t;
  let [total, since] = [0, t];
  for (let place = seen.length - 1; place > 0; place -= 1) {
    const { diff } = seen[place];
    const before = seen[place - 1].t;
    total += diff ?? constants.changed.value;
    const drift = constants.changed.value / 2 + constants.changed_rate.value * (t - before);
    if (diff === null || diff >= constants.changed.value || total > drift) {
      break;
    }
    since = before;
  }
  return t - since;
}

/** Seconds; long enough that the count of new pictures does not jump. */
const FRESH_SECONDS = 2;

/** New pictures a second. */
function fresh(constants: MeasureTable, seen: Memory): number {
  const t = seen[seen.length - 1].t;
  const isNew = ({ diff }: Seen): boolean => diff !== null && diff >= constants.fresh.value;
  return seen.filter(one => t - one.t < FRESH_SECONDS && isNew(one)).length / FRESH_SECONDS;
}

/** For how many seconds neither eyes nor lids have moved. Not the least change is no photo but no reading at all. */
function eyesStill(constants: MeasureTable, seen: Memory): number {
  const t = seen[seen.length - 1].t;
  let since = t;
  const [gazes, lids]: [number[], number[]] = [[], []];
  for (let place = seen.length - 1; place >= 0; place -= 1) {
    const one = seen[place];
    if (one.steady === null || one.blink >= constants.still_blink.value) {
      break;
    }
    gazes.push(one.steady[0]);
    lids.push(one.steady[1]);
    if (range(gazes) > constants.still_gaze.value || range(lids) > constants.still_lid.value) {
      break;
    }
    since = one.t;
  }
  return new Set(gazes).size > 1 ? t - since : 0;
}

const range = (values: number[]): number => Math.max(...values) - Math.min(...values);
