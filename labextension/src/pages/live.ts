/** Keeps a page's view of a session fresh: over the wire where this person has a seat, by asking where not, and now and then anyway. */

import { call, Common, Problem, Session } from './api';
import { Incident, Person, Standing } from '../wire/messages';
import { openWire } from '../wire/open';
import { Wire, WireEvent } from '../wire/wire';

/** Milliseconds between two looks: without a wire, and beside one, which tells changes at once. */
const [ALONE, BESIDE] = [2500, 10_000];
/** Milliseconds until a wire that has not opened is said to be down: shorter and every page begins with an alarm. */
const OPENING = 4000;

/** How the connection stands. `ended`: this browser may not come back by itself. */
export type Line = 'opening' | 'open' | 'lost' | 'ended';

export interface Follower {
  session(session: Session): void;
  people?(people: Person[]): void;
  /** How the candidate's page stands; told to staff. */
  candidate?(standing: Standing): void;
  incidents?(incidents: Incident[]): void;
  /** Until when the candidate was asked to look elsewhere, by the service's clock. */
  elsewhere?(until: number | null): void;
  /** All that the wire says, for parts that keep a state of their own. */
  told?(event: WireEvent): void;
  /** The wire, once there is one: what this page notices goes there. */
  wired?(wire: Wire): void;
  /** `why` is the service's word when it ended for good: "moved", "signed out", … */
  line(line: Line, why: string): void;
}

export class Live {
  constructor(
    private readonly page: Common,
    private session: Session,
    private readonly follower: Follower
  ) {
    this.offset = session.now - Date.now();
    if (session.seat !== null) {
      void this.open(session);
    }
    this.schedule();
    window.addEventListener('online', this.online);
    window.addEventListener('pagehide', this.leave);
  }

  /** Milliseconds between this computer's clock and the service's. */
  offset: number;

  /** Whether the camera gives pictures; the heartbeat says it. */
  camera = false;

  /** Something was done here, and its answer is the newest state. */
  set(session: Session): void {
    this.session = session;
    this.offset = session.now - Date.now();
    this.follower.session(session);
  }

  async look(): Promise<void> {
    try {
      this.set(await call<Session>(this.page.prefix, 'GET', `sessions/${this.session.id}`));
      if (this.session.seat === null) {
        this.stand('open');
      }
    } catch (error) {
      const status = error instanceof Problem ? error.status : 0;
      this.stand(status === 401 || status === 403 ? 'ended' : 'lost');
    }
  }

  dispose(): void {
    this.over = true;
    window.clearTimeout(this.timer);
    window.clearTimeout(this.opening);
    window.removeEventListener('online', this.online);
    window.removeEventListener('pagehide', this.leave);
    this.wire?.dispose();
  }

  private async open(session: Session): Promise<void> {
    this.opening = window.setTimeout(() => this.standing === 'opening' && this.stand('lost'), OPENING);
    const path = `${this.page.prefix}api/v1/sessions/${session.id}/wire`;
    const wire = await openWire({ path, session: session.id, camera: () => this.camera });
    if (this.over) {
      return wire.dispose();
    }
    this.wire = wire;
    wire.listen(event => this.hear(event));
    this.follower.wired?.(wire);
  }

  private hear(event: WireEvent): void {
    this.follower.told?.(event);
    switch (event.type) {
      case 'welcome':
        this.follower.people?.(event.people);
        this.pick(event.incidents, new Map());
        this.told(event);
        this.follower.elsewhere?.(event.elsewhere ?? null);
        if (event.candidate) {
          this.follower.candidate?.(event.candidate);
        }
        break;
      case 'candidate':
        this.follower.candidate?.(event.standing);
        break;
      case 'elsewhere':
        this.follower.elsewhere?.(event.until);
        break;
      case 'session':
        this.told(event);
        break;
      case 'people':
        this.follower.people?.(event.people);
        break;
      case 'incident':
        this.pick([event.incident], this.incidents);
        break;
      case 'standing':
        this.stand(event.connected ? 'open' : this.standing === 'opening' ? 'opening' : 'lost');
        break;
      case 'ended':
        this.stand('ended', event.why);
    }
  }

  /** State and clock as the wire tells them; what else changed with them is asked for. */
  private told({ state, clock, now }: Pick<Session, 'clock' | 'now'> & { state: string }): void {
    const same = state === this.session.state;
    this.set({ ...this.session, state, clock, now });
    if (!same) {
      void this.look();
    }
  }

  private pick(fresh: Incident[], known: Map<string, Incident>): void {
    fresh.forEach(one => known.set(one.id, one));
    this.incidents = known;
    this.follower.incidents?.([...known.values()]);
  }

  private stand(line: Line, why = ''): void {
    if (line === this.standing || this.standing === 'ended') {
      return;
    }
    this.standing = line;
    this.follower.line(line, why);
    if (line === 'ended') {
      this.dispose();
    }
  }

  private schedule(): void {
    const again = (): void => {
      if (!this.over) {
        this.schedule();
      }
    };
    const pause = this.wire !== null && this.standing === 'open' ? BESIDE : ALONE;
    this.timer = window.setTimeout(() => void this.look().finally(again), pause);
  }

  private readonly online = (): void => {
    this.wire?.hurry();
    void this.look();
  };
  private readonly leave = (event: PageTransitionEvent): void => {
    if (!event.persisted) {
      this.dispose();
    }
  };
  private wire: Wire | null = null;
  private incidents = new Map<string, Incident>();
  private standing: Line = 'opening';
  private over = false;
  private timer = 0;
  private opening = 0;
}
