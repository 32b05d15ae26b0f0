/** The call's socket: opened when there is something to say, opened again when it breaks. A page keeps its name meanwhile. */

import { Backoff } from '../wire/backoff';
import { SocketLike } from '../wire/wire';
import { CallWelcome, FromCaller, ToCaller } from './messages';

const OPEN = 1; // WebSocket.OPEN, which node does not have
const RESTARTING = 1012;
const GOODBYE = 1000;
/** Close codes of ours: whoever was told one of them does not come back by itself. */
const FOR_GOOD = [4000, 4499];

export interface Ear {
  /** Connected, for the first time or again; `again` says which. */
  welcome(welcome: CallWelcome, again: boolean): void;
  hear(said: Exclude<ToCaller, CallWelcome>): void;
  /** It is over, and why. */
  ended(why: string): void;
}

export class CallSocket {
  constructor(
    readonly page: string,
    private readonly connect: () => SocketLike,
    private readonly ear: Ear,
    private readonly backoff = new Backoff(300, 4000)
  ) {}

  get open(): boolean {
    return this.socket !== null;
  }

  /** Sends now, or once connected. What belongs to a connection that broke is not kept: it is said anew. */
  send(message: FromCaller): void {
    if (this.welcomed && this.socket?.readyState === OPEN) {
      this.socket.send(JSON.stringify(message));
      return;
    }
    if (message.type !== 'describe' && message.type !== 'reach') {
      this.waiting.push(message);
    }
    this.start();
  }

  /** Opens it where it is not. */
  start(): void {
    if (this.socket === null) {
      clearTimeout(this.timer);
      this.dial();
    }
  }

  /** The computer has another network: the old connection may hang for minutes. */
  renew(): void {
    if (this.socket !== null) {
      this.hangUp(); // without a goodbye: the place in the call is kept
      this.dial();
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.hangUp(GOODBYE);
    this.waiting = [];
    this.known = false;
  }

  private dial(): void {
    const socket = (this.socket = this.connect());
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', page: this.page } satisfies FromCaller));
    socket.onmessage = event => this.hear(JSON.parse(String(event.data)) as ToCaller);
    socket.onclose = event => this.lost(event.code, event.reason);
  }

  private hear(said: ToCaller): void {
    if (said.type !== 'welcome') {
      return this.ear.hear(said);
    }
    const again = this.known;
    this.welcomed = this.known = true;
    this.backoff.reset();
    this.ear.welcome(said, again);
    const waiting = this.waiting;
    this.waiting = [];
    waiting.forEach(one => this.send(one));
  }

  private lost(code: number, reason: string): void {
    this.socket = null;
    this.welcomed = false;
    if (code >= FOR_GOOD[0] && code <= FOR_GOOD[1]) {
      this.close();
      this.ear.ended(reason);
    } else {
      this.timer = setTimeout(() => this.start(), code === RESTARTING ? 300 : this.backoff.wait());
    }
  }

  private hangUp(code?: number): void {
    this.welcomed = false;
    if (this.socket !== null) {
      this.socket.onclose = this.socket.onmessage = this.socket.onopen = null;
      this.socket.close(code);
      this.socket = null;
    }
  }

  private socket: SocketLike | null = null;
  private welcomed = false;
  private known = false;
  private waiting: FromCaller[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
}
