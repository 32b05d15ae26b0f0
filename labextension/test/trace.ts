/** What the browser's detector finds in a trace: the same steps as greenroom_proctor.trace. */

import { Baseline, baselineOf } from '../src/camera/baseline';
import { finish, step, Stretch, Watch, watchNothing } from '../src/camera/detector';
import { Frame, measure, Memory } from '../src/camera/measures';
import { rulesAt } from '../src/camera/rule';
import { table } from '../src/camera/table';

export interface Trace {
  calibrate: [number, number] | null;
  frames: Frame[];
}

const { measures: constants } = table;

export function baseline({ calibrate, frames }: Trace): Baseline | null {
  if (calibrate) {
    return baselineOf(
      constants,
      frames.filter(one => calibrate[0] <= one.t && one.t <= calibrate[1])
    );
  }
  const start = frames.find(one => one.faces)?.t ?? Infinity;
  return baselineOf(
    constants,
    frames.filter(one => one.t >= start && one.t - start <= constants.calibrate.value)
  );
}

function pace(frames: Frame[]): number {
  const pauses = frames.slice(1).map((one, index) => one.t - frames[index].t);
  const middle = pauses.sort((a, b) => a - b)[pauses.length >> 1] ?? 0;
  return middle > 0 ? 1 / middle : Infinity;
}

export function observe(trace: Trace): Stretch[] {
  const base = baseline(trace);
  const rules = rulesAt(table.rules, table.slow_below.value, pace(trace.frames));
  let [watch, memory]: [Watch, Memory] = [watchNothing(), []];
  const ended: Stretch[] = [];
  for (const frame of trace.frames.filter(one => one.t >= (trace.calibrate?.[1] ?? 0))) {
    const [seen, reading] = measure(constants, base, memory, frame);
    const [after, stretches] = step(rules, watch, { t: frame.t, reading, quality: 1 });
    [watch, memory] = [after, seen];
    ended.push(...stretches.filter(one => one.end !== null));
  }
  ended.push(...finish(rules, watch, watch.last ?? 0));
  return ended.sort((one, other) => one.start - other.start || (one.kind < other.kind ? -1 : 1));
}
