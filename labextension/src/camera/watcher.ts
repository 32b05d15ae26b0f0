/** The detector over one camera: pictures' numbers in, observations out, by the rules that hold at the pace of the moment. */

import { Observation } from '../wire/messages';
import { Baseline } from './baseline';
import { Features, quality } from './features';
import { measure, Memory } from './measures';
import { Observer } from './observer';
import { rulesAt } from './rule';
import { table } from './table';

const PICTURES = table.rules.filter(rule => rule.source === 'frames');
const CAMERA_OFF = table.rules.filter(rule => rule.kind === 'camera_off');

export class Watcher {
  constructor(
    private readonly clock: () => number,
    report: (observation: Observation) => void
  ) {
    this.pictures = new Observer(PICTURES, report);
    this.presence = new Observer(CAMERA_OFF, report);
  }

  /** How this person's face reads; without it nothing about their gaze is judged. */
  baseline: Baseline | null = null;

  picture(features: Features, perSecond: number): void {
    const { t } = features;
    const rules = rulesAt(PICTURES, table.slow_below.value, perSecond);
    if (rules.length !== this.pictures.rules.length || perSecond < table.slow_below.value !== this.slow) {
      this.slow = perSecond < table.slow_below.value;
      this.pictures.follow(rules, t);
    }
    const [memory, reading] = measure(table.measures, this.baseline, this.memory, { ...features });
    this.memory = memory;
    this.pictures.look({ t, reading, quality: quality(features, perSecond, table.frames_per_second) });
  }

  /** Whether the camera gives pictures; null while that is not known. */
  camera(gives: boolean | null): void {
    const camera = gives === null ? null : Number(gives);
    this.presence.look({ t: this.clock(), reading: { camera }, quality: 1 });
  }

  /** No pictures are judged for now: what lasts ends, and what comes later is not compared with what was. */
  rest(): void {
    this.pictures.stop(this.clock());
    this.memory = [];
  }

  stop(): void {
    this.rest();
    this.presence.stop(this.clock());
  }

  private memory: Memory = [];
  private slow = false;
  private readonly pictures: Observer;
  private readonly presence: Observer;
}
