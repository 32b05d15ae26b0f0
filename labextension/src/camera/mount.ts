/**
 * The camera check: `mountCamera(host, options)` puts it into an element and gives back a `Camera`.
 *
 *     const camera = mountCamera(host, { base: '/services/greenroom/static/camera/', signals: ['face', 'camera'],
 *       clock: wire.clock, observed: observation => wire.observe(observation), changed: state => … });
 *     const outcome = await camera.calibrate(); // five dots; null when it was stopped
 *     camera.dispose();                         // ends what lasts, stops the camera and the worker, empties the host
 */

import { calibrate, Outcome } from './calibration';
import { Features, quality } from './features';
import { guide } from './guide';
import { Observation, Signal } from '../wire/messages';
import { Observer } from './observer';
import { Failure, Reader } from './reader';
import { Source, Standing } from './source';
import { table } from './table';
import { View } from './view';
import { CameraState, ReaderStanding } from './words';

export interface CameraOptions {
  /** The address of static/camera/: worker, style, WebAssembly and model lie there. */
  base: string;
  /** The signals that the session's policy has; those other than `face` and `camera` are none of ours. */
  signals: readonly string[];
  /** Seconds; observations are dated by it. Default: since the page was opened. */
  clock?: () => number;
  /** Called when an observation begins to count, and with the same id again when it has ended. */
  observed?: (observation: Observation) => void;
  /** Called on every change, and so for every picture that was read. */
  changed?: (state: CameraState) => void;
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

const FAILED: Record<Failure, ReaderStanding> = {
  download: 'no_download',
  hash: 'wrong_hash',
  reader: 'stopped'
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
    this.view = new View(host, {
      style: `${options.base}camera.css`,
      folded: options.folded ?? false,
      again: () => this.again()
    });
    this.source = new Source(this.view.video, (standing, detail) => this.stand(standing, detail));
    this.timer = window.setInterval(() => this.lookAtCamera(), LOOK);
    void this.source.open();
  }

  get state(): CameraState {
    return this.now;
  }

  async calibrate(): Promise<Outcome | null> {
    const samples: Features[] = [];
    let settled = false;
    this.pictures.stop(this.clock());
    this.sample = features => void (settled && samples.push(features));
    const done = await guide(on => (settled = on), this.gone.signal);
    this.sample = null;
    return done ? calibrate(samples) : null;
  }

  dispose(): void {
    this.gone.abort();
    window.clearInterval(this.timer);
    this.endReader();
    this.source.dispose();
    this.pictures.stop(this.clock());
    this.presence.stop(this.clock());
    this.view.dispose();
  }

  private stand(standing: Standing, detail: string): void {
    this.set({ standing, detail, features: standing === 'on' ? this.now.features : null });
    if (standing === 'on' && this.reader === null) {
      this.read();
    } else if (standing !== 'on' && standing !== 'asking') {
      this.pictures.stop(this.clock());
    }
    this.lookAtCamera();
  }

  private read(): void {
    this.endReader();
    this.set({ reader: 'loading' });
    const picture = (): HTMLVideoElement | null =>
      this.source.on && this.view.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? this.view.video : null;
    this.reader = new Reader(this.options.base, table.frames_per_second, picture, this.clock, {
      ready: () => this.set({ reader: 'ready' }),
      read: (features, _milliseconds, perSecond) => this.take(features, perSecond),
      failed: (stage, why) => this.fail(stage, why)
    });
  }

  private fail(stage: Failure, why: string): void {
    console.warn(`greenroom: the face reader failed (${stage}): ${why}`);
    this.endReader();
    this.pictures.stop(this.clock());
    this.set({ reader: FAILED[stage], features: null });
    if (stage !== 'hash') {
      this.retry = window.setTimeout(() => this.again(), RETRY);
    }
  }

  private endReader(): void {
    window.clearTimeout(this.retry);
    this.reader?.dispose();
    this.reader = null;
  }

  private again(): void {
    if (this.now.standing === 'on') {
      this.read();
    } else {
      void this.source.open();
    }
  }

  private take(features: Features, perSecond: number): void {
    this.perSecond = perSecond;
    if (!this.source.on) {
      return; // a picture of before the camera went
    }
    const { t, ...reading } = features;
    if (this.sample) {
      this.sample(features);
    } else {
      this.pictures.look({ t, reading, quality: quality(features, perSecond, table.frames_per_second) });
    }
    this.set({ features });
  }

  private lookAtCamera(): void {
    const { standing } = this.now;
    const camera = standing === 'on' ? 1 : standing === 'asking' ? null : 0;
    this.presence.look({ t: this.clock(), reading: { camera }, quality: 1 });
  }

  /** Every rule watches, for one may silence another; what belongs to a signal that the policy lacks is not told. */
  private report(observation: Observation): void {
    const told: readonly Signal[] = ['face', 'camera'];
    if (told.includes(observation.signal) && this.options.signals.includes(observation.signal)) {
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

  private now: CameraState = { standing: 'asking', reader: 'waiting', detail: '', features: null };
  private perSecond = table.frames_per_second;
  private reader: Reader | null = null;
  private sample: ((features: Features) => void) | null = null;
  private retry = 0;
  private readonly gone = new AbortController();
  private readonly pictures = new Observer(
    table.rules.filter(rule => rule.source === 'frames'),
    one => this.report(one)
  );
  private readonly presence = new Observer(
    table.rules.filter(rule => rule.kind === 'camera_off'),
    one => this.report(one)
  );
  private readonly clock: () => number;
  private readonly view: View;
  private readonly source: Source;
  private readonly timer: number;
}
