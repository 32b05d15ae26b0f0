/**
 * The camera check: `mountCamera(host, options)` puts it into an element and gives back a `Camera`.
 *
 *     const camera = mountCamera(host, { base: '/services/greenroom/static/camera/', signals: ['face', 'camera'],
 *       clock: wire.clock, observed: observation => wire.observe(observation), kept: keptFor(session) });
 *     const outcome = await camera.calibrate(); // five dots; null when it was stopped
 *     camera.dispose();                         // ends what lasts, lets the camera and the worker go, empties the host
 */

import { Observation, Signal } from '../wire/messages';
import { Baseline } from './baseline';
import { calibrate, Outcome } from './calibration';
import { Features } from './features';
import { guide } from './guide';
import { Kept } from './kept';
import { TOO_SLOW } from './pace';
import { Failure, Reader, readsWhileHidden } from './reader';
import { Seen, sharedCamera } from './source';
import { table } from './table';
import { View } from './view';
import { Watcher } from './watcher';
import { CameraState, Looking, ReaderStanding } from './words';

export interface CameraOptions {
  /** The address of static/camera/: worker, style, WebAssembly and model lie there. */
  base: string;
  /** The signals that the session's policy has; those other than `face`, `gaze` and `camera` are none of ours. */
  signals: readonly string[];
  /** Seconds; observations are dated by it. Default: since the page was opened. */
  clock?: () => number;
  /** Called when an observation begins to count, and with the same id again when it has ended. */
  observed?: (observation: Observation) => void;
  /** Called on every change, and so for every picture that was read. */
  changed?: (state: CameraState) => void;
  /** Called with the calibration by which is judged: at once where one was kept, and when there is a new one. */
  calibrated?: (baseline: Baseline) => void;
  /** Where the calibration is kept between pages. */
  kept?: Kept;
  /** The panel has a button for the five dots; a page that asks for them itself leaves it out. */
  dots?: boolean;
  /** Only the sentence is shown until the person unfolds it. */
  folded?: boolean;
}

export interface Camera {
  readonly state: CameraState;
  /** Five dots, about seven seconds. Null when it was stopped. Nothing is observed meanwhile. */
  calibrate(): Promise<Outcome | null>;
  dispose(): void;
}

const LOOK = 250; // milliseconds between two looks at whether the camera gives pictures
const RETRY = 10_000; // milliseconds until a reader that failed is started again by itself
const LATE = 3000; // milliseconds without a reading, though the camera gives pictures: the computer is too busy

const OURS: readonly Signal[] = ['face', 'gaze', 'camera'];
const FAILED: Record<Failure, ReaderStanding> = {
  download: 'no_download',
  hash: 'wrong_hash',
  webgl: 'no_webgl',
  reader: 'stopped'
};
const NOTHING: CameraState = {
  standing: 'asking',
  reader: 'loading',
  detail: '',
  features: null,
  looking: 'now',
  slow: false,
  calibrated: false
};

export function mountCamera(host: HTMLElement, options: CameraOptions): Camera {
  return new Mounted(host, options);
}

class Mounted implements Camera {
  constructor(
    host: HTMLElement,
    private readonly options: CameraOptions
  ) {
    this.clock = options.clock ?? (() => performance.now() / 1000);
    this.watcher = new Watcher(this.clock, one => this.report(one));
    this.watcher.baseline = options.kept?.get() ?? null;
    if (this.watcher.baseline !== null) {
      options.calibrated?.(this.watcher.baseline);
    }
    this.view = new View(host, {
      style: `${options.base}camera.css`,
      folded: options.folded ?? false,
      again: () => this.again(),
      dots: options.dots ? () => this.calibrate() : null,
      choose: id => void this.source.open(id)
    });
    this.set({ calibrated: this.watcher.baseline !== null });
    this.read(); // while the browser asks for the camera: its first picture is then read at once
    this.letGo = this.source.hold(seen => this.stand(seen));
    this.timer = window.setInterval(() => this.look(), LOOK);
  }

  get state(): CameraState {
    return this.now;
  }

  async calibrate(): Promise<Outcome | null> {
    const samples: Features[] = [];
    let settled = false;
    this.watcher.rest();
    this.sample = features => void (settled && samples.push(features));
    const done = await guide(on => (settled = on), this.gone.signal);
    this.sample = null;
    const outcome = done ? calibrate(table.measures, samples) : null;
    if (outcome?.good) {
      this.watcher.baseline = outcome.baseline;
      this.options.kept?.put(outcome.baseline);
      this.options.calibrated?.(outcome.baseline);
      this.set({ calibrated: true });
    }
    return outcome;
  }

  dispose(): void {
    this.gone.abort();
    window.clearInterval(this.timer);
    this.endReader();
    this.letGo();
    this.watcher.stop();
    this.view.dispose();
  }

  private stand({ standing, detail }: Seen): void {
    const on = standing === 'on';
    this.set({ standing, detail, features: on ? this.now.features : null, looking: 'now' });
    this.view.video.srcObject = this.source.stream;
    if (on) {
      this.view.video.play().catch(() => undefined); // not waited for: without a first picture it never ends
      void this.source.cameras().then(cameras => this.view.offer(cameras, this.source.track?.getSettings().deviceId));
      this.begin();
    } else if (standing !== 'asking') {
      this.watcher.rest();
    }
    this.look();
  }

  private begin(): void {
    this.latest = performance.now();
    if (this.source.track) {
      this.reader?.look(this.source.track, this.view.video);
    }
  }

  private read(): void {
    this.endReader();
    this.set({ reader: 'loading' });
    this.reader = new Reader(this.options.base, table.frames_per_second, this.clock, {
      ready: () => {
        this.latest = performance.now();
        this.set({ reader: 'ready' });
      },
      read: (features, _milliseconds, perSecond) => this.take(features, perSecond),
      waiting: () => this.pause('waiting'),
      failed: (stage, why) => this.fail(stage, why)
    });
    if (this.source.on) {
      this.begin();
    }
  }

  private fail(stage: Failure, why: string): void {
    console.warn(`greenroom: the face reader failed (${stage}): ${why}`);
    this.endReader();
    this.watcher.rest();
    this.set({ reader: FAILED[stage], features: null });
    if (stage !== 'hash' && stage !== 'webgl') {
      this.retry = window.setTimeout(() => this.read(), RETRY);
    }
  }

  private endReader(): void {
    window.clearTimeout(this.retry);
    this.reader?.dispose();
    this.reader = null;
  }

  private again(): void {
    if (this.now.standing !== 'on' || this.now.looking === 'waiting') {
      void this.source.open();
    } else {
      this.read();
    }
  }

  private take(features: Features, perSecond: number): void {
    this.latest = performance.now();
    this.perSecond = perSecond;
    if (!this.source.on) {
      return; // a picture of before the camera went
    }
    if (perSecond < TOO_SLOW) {
      return this.pause('too_slow');
    }
    if (this.sample) {
      this.sample(features);
    } else {
      this.watcher.picture(features, perSecond);
    }
    this.set({ features, looking: 'now', slow: perSecond < table.slow_below.value });
  }

  /** Nothing is read for now, and so nothing is concluded. */
  private pause(looking: Looking): void {
    if (this.now.standing === 'on' && this.now.looking !== looking) {
      this.watcher.rest();
      this.set({ looking, features: null });
    }
  }

  private look(): void {
    const { standing, reader, looking } = this.now;
    if (standing === 'on' && reader === 'ready' && performance.now() - this.latest > LATE && looking === 'now') {
      this.pause(document.hidden && !readsWhileHidden() ? 'hidden' : 'too_slow');
    }
    this.watcher.camera(standing === 'asking' ? null : standing === 'on' && looking !== 'waiting');
  }

  /** Every rule watches, for one may silence another; what belongs to a signal that the policy lacks is not told. */
  private report(observation: Observation): void {
    if (OURS.includes(observation.signal) && this.options.signals.includes(observation.signal)) {
      this.options.observed?.(observation);
    }
  }

  private set(change: Partial<CameraState>): void {
    if (this.gone.signal.aborted) {
      return;
    }
    this.now = { ...this.now, ...change };
    this.view.show(this.now, this.perSecond);
    this.options.changed?.(this.now);
  }

  private now: CameraState = NOTHING;
  private perSecond = table.frames_per_second;
  private latest = 0;
  private reader: Reader | null = null;
  private sample: ((features: Features) => void) | null = null;
  private retry = 0;
  private readonly gone = new AbortController();
  private readonly source = sharedCamera();
  private readonly clock: () => number;
  private readonly watcher: Watcher;
  private readonly view: View;
  private readonly letGo: () => void;
  private readonly timer: number;
}
