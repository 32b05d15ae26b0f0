/** The client of a session's wire: observations in, state and incidents out. What it was given is sent until it is stored. */

import { Backoff } from './backoff';
import { Beat, FromBrowser, Observation, ToBrowser } from './messages';
import { Outbox } from './outbox';

const BEAT = 5000; // milliseconds between two heartbeats
const PATIENCE = 15_000; // milliseconds without an acknowledgement after which the connection is taken for dead
const AT_ONCE = 20; // messages on their way; the service takes 20 a second
const ENDED = [4400, 4499]; // close codes that say why this page may not come back

export interface Standing {
  type: 'standing';
  connected: boolean;
  /** Observations that are not stored yet. */
  waiting: number;
}

export interface Ended {
  type: 'ended';
  why: string;
}

export type WireEvent = ToBrowser | Standing | Ended;

export type SocketLike = Pick<
  WebSocket,
  'readyState' | 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'
>;

export interface WireOptions {
  connect: () => SocketLike;
  pulse: () => Omit<Beat, 'type'>;
  backoff?: Backoff;
}

export class Wire {
  constructor(
    private readonly outbox: Outbox,
    private readonly options: WireOptions
  ) {
    this.backoff = options.backoff ?? new Backoff(300, 8000);
    this.connect();
    this.pulse = setInterval(() => this.beat(), BEAT);
  }

  /** Seconds; what observations are dated by. */
  readonly clock = (): number => this.outbox.clock();

  get standing(): Standing {
    return { type: 'standing', connected: this.welcomed, waiting: this.outbox.waiting.length };
  }

  observe(observation: Observation): void {
    if (observation.end === null) {
      this.lasting.set(observation.id, observation);
    } else {
      this.lasting.delete(observation.id);
    }
    this.outbox.add(observation);
    this.flush();
    this.tell(this.standing);
  }

  /** Returns the way to stop listening. */
  listen(listener: (event: WireEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tries now instead of later: the network came back, say. */
  hurry(): void {
    if (this.socket === null && !this.over) {
      clearTimeout(this.timer);
      this.connect();
    }
  }

  dispose(): void {
    this.over = true;
    clearInterval(this.pulse);
    clearTimeout(this.timer);
    this.listeners.clear();
    this.hangUp();
  }

  private connect(): void {
    const socket = (this.socket = this.options.connect());
    socket.onopen = () => this.send({ type: 'hello', browser: this.outbox.browser, clock: this.clock() });
    socket.onmessage = event => this.hear(JSON.parse(String(event.data)) as ToBrowser);
    socket.onclose = event => this.lost(event.code, event.reason);
  }

  private hear(said: ToBrowser): void {
    if (said.type === 'welcome') {
      this.welcomed = true;
      this.sent = said.acknowledged;
      this.backoff.reset();
      this.outbox.acknowledge(said.acknowledged);
      this.remind();
      this.stored(said.acknowledged);
    } else if (said.type === 'acknowledged') {
      this.stored(said.n);
    } else if (said.type === 'refused' && said.n !== undefined && said.n !== null) {
      this.outbox.drop(said.n);
      this.since = null;
      this.flush();
    }
    this.tell(said);
    this.tell(this.standing);
  }

  /** The service took what lasted for ended while nothing was heard from here: it is told once more. */
  private remind(): void {
    const waiting = new Set(this.outbox.waiting.map(message => message.observation.id));
    [...this.lasting.values()].filter(one => !waiting.has(one.id)).forEach(one => this.outbox.add(one));
  }

  private stored(n: number): void {
    this.outbox.acknowledge(n);
    this.since = null;
    this.flush();
  }

  /** Sends what was not sent on this connection, in order, and never more than the service takes at once. */
  private flush(): void {
    if (!this.welcomed) {
      return;
    }
    for (const message of this.outbox.waiting.slice(0, AT_ONCE)) {
      if (message.n > this.sent && this.send(message)) {
        this.sent = message.n;
      }
    }
    if (this.outbox.waiting.length > 0) {
      this.since ??= performance.now();
    }
  }

  private beat(): void {
    if (this.since !== null && performance.now() - this.since > PATIENCE && this.socket !== null) {
      this.hangUp();
      this.lost(1006, 'no answer');
    } else if (this.welcomed) {
      this.send({ type: 'beat', ...this.options.pulse() });
    }
  }

  private lost(code: number, why: string): void {
    this.socket = null;
    this.welcomed = false;
    this.since = null;
    if (this.over) {
      return;
    }
    this.tell(this.standing);
    if (code >= ENDED[0] && code <= ENDED[1]) {
      this.over = true;
      this.tell({ type: 'ended', why });
    } else {
      this.timer = setTimeout(() => this.connect(), this.backoff.wait());
    }
  }

  private hangUp(): void {
    if (this.socket !== null) {
      this.socket.onclose = this.socket.onmessage = this.socket.onopen = null;
      this.socket.close();
      this.socket = null;
    }
  }

  private send(message: FromBrowser): boolean {
    if (this.socket?.readyState !== OPEN) {
      return false;
    }
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private tell(event: WireEvent): void {
    this.listeners.forEach(listener => listener(event));
  }

  private readonly backoff: Backoff;
  private readonly lasting = new Map<string, Observation>();
  private readonly listeners = new Set<(event: WireEvent) => void>();
  private readonly pulse: ReturnType<typeof setInterval>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private socket: SocketLike | null = null;
  private welcomed = false;
  private over = false;
  private sent = 0;
  private since: number | null = null;
}

const OPEN = 1; // WebSocket.OPEN, which node does not have
