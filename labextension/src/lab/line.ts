/** The session as the wire tells it: state and clock, who is here, incidents; and the way for observations. */

import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISignal, Signal } from '@lumino/signaling';

import { Clock, Incident, Observation, Person, Remark, Standing, State, TaskAdded } from '../wire/messages';
import { openWire } from '../wire/open';
import { Wire, WireEvent } from '../wire/wire';
import { room } from './config';
import { ILine } from './tokens';

export class Line {
  constructor(private readonly wire: Wire) {
    wire.listen(event => this.hear(event));
    window.addEventListener('online', () => wire.hurry());
  }

  state: State = room.state;
  clock: Clock | null = null;
  people: Person[] = [];
  /** Whose hands are up, by the names of their accounts. */
  hands: string[] = [];
  readonly incidents = new Map<string, Incident>();
  connected = false;
  /** How the candidate's page stands; told to staff. */
  candidate: Standing | null = null;
  /** Until when the candidate was asked to look elsewhere, by the service's clock. */
  elsewhere: number | null = null;

  get changed(): ISignal<this, void> {
    return this.onChange;
  }

  /** An incident that is new, or grew. Those of before this page was opened are not told here. */
  get raised(): ISignal<this, Incident> {
    return this.onIncident;
  }

  /** Somebody said something in writing. */
  get remarked(): ISignal<this, Remark> {
    return this.onRemark;
  }

  /** A further task was put into the notebook. */
  get added(): ISignal<this, TaskAdded> {
    return this.onTask;
  }

  /** All that the wire says, for parts that keep a state of their own. */
  listen(listener: (event: WireEvent) => void): void {
    this.wire.listen(listener);
    if (this.call !== null) {
      listener(this.call); // it may have been told before this part was there
    }
  }

  /** Why this page may not come back, in the service's words. */
  get ended(): ISignal<this, string> {
    return this.onEnd;
  }

  /** Milliseconds between this computer's clock and the service's. */
  offset = 0;

  /** Seconds; what observations are dated by. */
  readonly time = (): number => this.wire.clock();

  observe(observation: Observation): void {
    this.wire.observe(observation);
  }

  /** Seconds left now, by the service's clock; null until it has told. */
  left(): number | null {
    if (this.clock === null) {
      return null;
    }
    const { running, ends_at: end, left } = this.clock;
    return running && end !== null ? Math.max(0, (end - Date.now() - this.offset) / 1000) : left;
  }

  private hear(event: WireEvent): void {
    if (event.type === 'welcome' || event.type === 'call') {
      this.call = event.type === 'call' ? event : null;
    }
    if (event.type === 'welcome' || event.type === 'session') {
      this.state = event.state;
      this.clock = event.clock;
      this.offset = event.now - Date.now();
    }
    if (event.type === 'welcome' || event.type === 'people') {
      this.people = event.people;
    }
    if (event.type === 'welcome') {
      this.elsewhere = event.elsewhere ?? null;
      this.candidate = event.candidate ?? null;
    } else if (event.type === 'candidate') {
      this.candidate = event.standing;
    } else if (event.type === 'elsewhere') {
      this.elsewhere = event.until;
    }
    if (event.type === 'hands') {
      this.hands = event.names;
    } else if (event.type === 'remark') {
      this.onRemark.emit(event.remark);
    } else if (event.type === 'task') {
      this.onTask.emit(event);
    }
    if (event.type === 'welcome') {
      this.incidents.clear();
      event.incidents.forEach(one => this.incidents.set(one.id, one));
    } else if (event.type === 'incident') {
      this.incidents.set(event.incident.id, event.incident);
      this.onIncident.emit(event.incident);
    } else if (event.type === 'standing') {
      this.connected = event.connected;
    } else if (event.type === 'ended') {
      this.onEnd.emit(event.why);
    }
    this.onChange.emit();
  }

  private call: WireEvent | null = null;
  private readonly onChange = new Signal<this, void>(this);
  private readonly onIncident = new Signal<this, Incident>(this);
  private readonly onRemark = new Signal<this, Remark>(this);
  private readonly onTask = new Signal<this, TaskAdded>(this);
  private readonly onEnd = new Signal<this, string>(this);
}

/** What the heartbeat says of the camera. */
export const pulse = { camera: false };

export const linePlugin: JupyterFrontEndPlugin<Line> = {
  id: '@greenroom/lab:line',
  provides: ILine,
  activate: async () => {
    const wire = await openWire({ path: room.paths.wire, session: room.session, camera: () => pulse.camera });
    return new Line(wire);
  }
};
