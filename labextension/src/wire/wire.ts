/** One browser's wire to the service: observations out, state and incidents in. Comes back by itself when it is cut. */

import { FromBrowser, Observation, ToBrowser } from './messages';
import { Outbox } from './outbox';

export type Line = 'connecting' | 'open' | 'lost' | 'ended';

export interface Heard {
  message?(message: ToBrowser): void;
  /** `why` is set when the line ended for good: "moved", "signed out", "expired", … */
  line?(line: Line, why: string): void;
}

const ENDED = 4401; // close code: this login is over
const BEAT = 10_000; // milliseconds between two signs of life
const [FIRST, LONGEST] = [500, 8000]; // milliseconds until the next try; doubled each time
const STEADY = 5000; // a connection that lasts this long was no accident

export class Wire {
  /** `prefix` is the service's path; `beat` says what this page is doing. */
  constructor(
    prefix: string,
    session: string,
    private readonly heard: Heard,
    private readonly beat: () => { camera: boolean; visible: boolean } = () => ({
      camera: false,
      visible: document.visibilityState === 'visible'
    })
  ) {
    this.url = `${location.origin.replace(/^http/, 'ws')}${prefix}api/v1/sessions/${session}/wire`;
    this.outbox = new Outbox(session, sessionStorage);
    this.timer = window.setInterval(() => this.say({ type: 'beat', ...this.beat() }), BEAT);
    window.addEventListener('online', () => this.hurry(), { signal: this.disposed.signal });
    this.connect();
  }

  /** Seconds on the clock by which observations are dated; the same before and after a reload. */
  clock(): number {
    return this.outbox.clock();
  }

  /** Takes charge of an observation until the service has it. */
  observe(observation: Observation): void {
    this.say({ type: 'observe', ...this.outbox.add(observation) });
  }

  dispose(): void {
    this.disposed.abort();
    window.clearInterval(this.timer);
    window.clearTimeout(this.next);
    this.socket?.close();
  }

  private connect(): void {
    window.clearTimeout(this.next);
    this.ready = false;
    this.heard.line?.('connecting', '');
    const socket = new WebSocket(this.url);
    this.socket = socket;
    const began = performance.now();
    socket.onopen = () => socket.send(json({ type: 'hello', browser: this.outbox.browser, clock: this.clock() }));
    socket.onmessage = ({ data }) => this.hear(JSON.parse(String(data)) as ToBrowser);
    socket.onclose = ({ code, reason }) => {
      if (this.socket === socket && !this.disposed.signal.aborted) {
        this.closed(code, reason, performance.now() - began);
      }
    };
  }

  private closed(code: number, reason: string, lasted: number): void {
    this.ready = false;
    if (code === ENDED) {
      return this.heard.line?.('ended', reason);
    }
    this.heard.line?.('lost', reason);
    this.wait = lasted > STEADY ? FIRST : Math.min(LONGEST, this.wait * 2);
    // A room full of browsers does not come back in the same moment.
    this.next = window.setTimeout(() => this.connect(), this.wait * (0.5 + Math.random()));
  }

  private hurry(): void {
    if (this.socket?.readyState === WebSocket.CLOSED) {
      this.connect();
    }
  }

  private hear(message: ToBrowser): void {
    if (message.type === 'welcome') {
      this.outbox.acknowledge(message.acknowledged);
      this.ready = true;
      this.heard.line?.('open', '');
      this.outbox.waiting.forEach(one => this.say({ type: 'observe', ...one }));
    } else if (message.type === 'acknowledged') {
      this.outbox.acknowledge(message.n);
    } else if (message.type === 'refused' && message.n !== null) {
      console.warn(`greenroom: an observation was not taken: ${message.why}`);
      this.outbox.drop(message.n);
    }
    this.heard.message?.(message);
  }

  private say(message: FromBrowser): void {
    if (this.ready && this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(json(message));
    }
  }

  private socket: WebSocket | null = null;
  private ready = false;
  private wait = FIRST;
  private next = 0;
  private readonly url: string;
  private readonly outbox: Outbox;
  private readonly timer: number;
  private readonly disposed = new AbortController();
}

const json = (message: FromBrowser): string => JSON.stringify(message);
