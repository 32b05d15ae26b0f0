/** The call as one page has it: whether this person is in it, what they send, whom they are connected with, and looks. */

import { Look, Seat, ToBrowser } from '../wire/messages';
import { WireEvent } from '../wire/wire';
import { Kept } from './kept';
import {
  CallWelcome,
  Described,
  FromCaller,
  Member,
  Peer as Info,
  Peers,
  Reached,
  Showing,
  ToCaller
} from './messages';
import { Own, why } from './own';
import { Peer, Tracks } from './peer';
import { CallSocket } from './socket';

export interface CallOptions {
  session: string;
  seat: Seat;
  /** The name of this person's account. */
  me: string;
  /** The path of the call's websocket on the page's own origin. */
  path: string;
  /** Where a reload finds it again. */
  kept?: Kept;
}

const SILENT: Showing = { camera: false, microphone: false, screen: false, pictures: false };

export class Call {
  constructor(readonly options: CallOptions) {
    this.kept = options.kept ?? new Kept(sessionStorage, options.session);
    const url = `${location.origin.replace(/^http/, 'ws')}${options.path}`;
    this.socket = new CallSocket(freshPage(), () => new WebSocket(url), {
      welcome: (welcome, again) => this.welcomed(welcome, again),
      hear: said => this.told(said),
      ended: reason => this.over(reason)
    });
    window.addEventListener('online', this.renew);
    connection()?.addEventListener('change', this.renew);
    const { showing } = this.kept.get();
    if (showing !== null) {
      void this.join({ ...showing, screen: false }); // a screen is shared by a press only
    }
  }

  /** Who is in the call, and the looks, as everybody in the session is told. */
  members: Member[] = [];
  looks: Look[] = [];
  /** What is sent; null while this person is not in the call. */
  showing: Showing | null = null;
  joined = false;
  /** The look that this page asked for. */
  look: string | null = null;
  /** What did not work, for the person; empty when all is well. */
  trouble = '';
  welcome: CallWelcome | null = null;
  readonly peers = new Map<string, Peer>();
  readonly own = new Own(() => this.sync());
  readonly kept: Kept;

  get candidate(): boolean {
    return this.options.seat === 'candidate';
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What the wire says of the call. */
  hear(event: WireEvent | ToBrowser): void {
    if (event.type === 'welcome') {
      this.members = this.looks = []; // what there is is said next
    } else if (event.type === 'call') {
      this.members = event.members;
      this.looks = event.looks;
    } else {
      return;
    }
    if (this.candidate && this.kept.get().looks) {
      this.looks.filter(one => !one.begun).forEach(one => this.answer(one.id, true, true));
    }
    this.tell();
  }

  async join(showing: Showing): Promise<void> {
    this.trouble = '';
    this.showing = showing;
    this.own.useCamera(showing.camera || this.looked);
    this.tell();
    if (showing.microphone) {
      await this.unmute();
    }
    if (this.showing !== null) {
      this.say({ type: 'join', showing: this.showing });
      this.keep();
    }
  }

  leave(): void {
    this.showing = null;
    this.keep();
    this.say({ type: 'leave' });
    this.own.drop('microphone');
    this.own.drop('screen');
    this.own.useCamera(this.looked);
    this.rest();
  }

  async set(change: Partial<Showing>): Promise<void> {
    if (this.showing === null) {
      return;
    }
    const before = this.showing;
    this.showing = { ...before, ...change };
    this.own.useCamera(this.showing.camera || this.looked);
    if (change.screen === false) {
      this.own.drop('screen');
    }
    if (change.microphone !== undefined) {
      await (change.microphone ? this.unmute() : this.own.useMicrophone(false));
    }
    this.sync();
  }

  async share(): Promise<void> {
    try {
      this.trouble = '';
      await this.own.share();
      await this.set({ screen: true });
    } catch (error) {
      this.trouble = `Your screen is not shared: ${why(error)}.`;
      this.tell();
    }
  }

  async chooseMicrophone(device: string): Promise<void> {
    await this.unmute(device);
    await this.set({ microphone: this.own.microphone !== null });
  }

  /** Asks to see the candidate's camera. */
  ask(): void {
    this.trouble = '';
    this.say({ type: 'look' });
  }

  answer(look: string, allowed: boolean, standing = false): void {
    this.say({ type: 'answer', look, allowed, standing });
  }

  /** Whether every look of this session is allowed from now on. */
  allow(always: boolean): void {
    this.kept.put({ looks: always });
    this.tell();
  }

  end(look: string): void {
    this.say({ type: 'end', look });
  }

  /** The person asks to try again. */
  again(): void {
    this.peers.forEach(peer => peer.way === 'open' || peer.step('again'));
  }

  dispose(): void {
    window.removeEventListener('online', this.renew);
    connection()?.removeEventListener('change', this.renew);
    window.clearTimeout(this.dozing);
    this.hangUp([]);
    this.own.stop();
    this.socket.close();
    this.listeners.clear();
  }

  private get looked(): boolean {
    return [...this.peers.values()].some(one => one.info.bond === 'looks');
  }

  private get config(): RTCConfiguration {
    const { relays = [], only_relay: only = false } = this.welcome ?? {};
    const iceServers = relays.map(({ urls, username, credential }) => ({
      urls,
      username: username ?? undefined,
      credential: credential ?? undefined
    }));
    return { iceServers, iceTransportPolicy: only ? 'relay' : 'all', bundlePolicy: 'max-bundle' };
  }

  private async unmute(device?: string): Promise<void> {
    try {
      await this.own.useMicrophone(true, device);
    } catch (error) {
      this.trouble = `Your microphone is not sent: ${why(error)}.`;
      this.showing = this.showing && { ...this.showing, microphone: false };
    }
  }

  private welcomed(welcome: CallWelcome, again: boolean): void {
    this.welcome = welcome;
    this.peers.forEach(peer => peer.configure(this.config));
    if (again && this.showing !== null) {
      this.say({ type: 'join', showing: this.showing });
    }
    if (again) {
      this.peers.forEach(peer => peer.again());
    }
    this.tell();
  }

  private told(said: Exclude<ToCaller, CallWelcome>): void {
    switch (said.type) {
      case 'peers':
        return this.connect(said);
      case 'describe':
      case 'reach':
        return this.passOn(said);
      case 'refused':
        this.trouble = `${said.why[0].toUpperCase()}${said.why.slice(1)}.`;
        if (!this.joined) {
          this.showing = null;
          this.keep();
          this.own.stop();
        }
        this.rest();
    }
  }

  private passOn(said: Described | Reached): void {
    void this.peers.get(said.by)?.hear(said);
  }

  private connect({ peers, joined, look }: Peers): void {
    if (this.joined && !joined && this.showing !== null) {
      this.showing = null; // the service says that it is over
      this.keep();
      this.own.drop('microphone');
      this.own.drop('screen');
    }
    [this.joined, this.look] = [joined, look];
    this.hangUp(peers);
    peers.forEach(info => this.meet(info));
    this.own.useCamera((this.showing?.camera ?? false) || this.looked);
    this.sync();
    this.rest();
  }

  private hangUp(staying: Info[]): void {
    const kept = new Map(staying.map(one => [one.page, one.bond]));
    for (const [page, peer] of [...this.peers]) {
      if (kept.get(page) !== peer.info.bond) {
        this.peers.delete(page);
        peer.close();
      }
    }
  }

  private meet(info: Info): void {
    const known = this.peers.get(info.page);
    if (known) {
      const again = info.times !== known.info.times;
      known.info = info;
      if (again) {
        known.again();
      }
    } else {
      const say = (message: FromCaller): void => this.say(message);
      this.peers.set(info.page, new Peer(info, this.config, say, () => this.tell()));
    }
  }

  /** Everybody is sent what is on, and told of it when it changed. */
  private sync(): void {
    if (this.showing !== null) {
      this.showing = { ...this.showing, screen: this.own.screen !== null };
      const now = JSON.stringify(this.showing);
      if (this.joined && this.shown !== now) {
        this.shown = now;
        this.say({ type: 'show', showing: this.showing });
        this.keep();
      }
    }
    this.peers.forEach(peer => void peer.send(this.for(peer)));
    this.tell();
  }

  private for({ info }: Peer): Tracks {
    if (info.bond === 'looks') {
      return { camera: this.own.camera };
    }
    const { camera, screen } = this.showing ?? SILENT;
    const pictures = info.bond === 'talk' && info.showing.pictures;
    return {
      sound: this.showing && this.own.microphone,
      camera: camera && pictures ? this.own.camera : null,
      screen: screen && pictures ? this.own.screen : null
    };
  }

  /** A socket that nobody needs is closed; the next need opens it. */
  private rest(): void {
    if (this.idle()) {
      this.own.stop();
      this.doze();
    }
    this.tell();
  }

  /** Anew with each word: the answer to one that was just said is waited for. */
  private doze(): void {
    window.clearTimeout(this.dozing);
    this.dozing = window.setTimeout(() => this.idle() && this.socket.close(), IDLE);
  }

  private idle(): boolean {
    return this.showing === null && !this.joined && this.look === null && this.peers.size === 0;
  }

  private over(reason: string): void {
    this.trouble = `The call is over for this page: ${reason}.`;
    this.showing = this.look = null;
    this.joined = false;
    this.hangUp([]);
    this.own.stop();
    this.tell();
  }

  private keep(): void {
    this.kept.put({ showing: this.showing });
    if (this.showing === null) {
      this.shown = '';
    }
  }

  private say(message: FromCaller): void {
    if (message.type === 'join') {
      this.shown = JSON.stringify(message.showing);
    }
    this.socket.send(message);
    this.doze();
  }

  private tell(): void {
    this.listeners.forEach(listener => listener());
  }

  /** Another network: the socket is dialled anew, and every way is looked for again. */
  private readonly renew = (): void => {
    if (!this.idle()) {
      this.socket.renew();
      this.peers.forEach(peer => peer.step('again'));
    }
  };

  private shown = '';
  private dozing = 0;
  private readonly socket: CallSocket;
  private readonly listeners = new Set<() => void>();
}

const IDLE = 30_000; // milliseconds: who leaves often comes again at once, and whoever was asked is answered by then

interface Connection extends EventTarget {
  readonly type?: string;
}

/** The browser's word on the network it has; Chromium has one. */
const connection = (): Connection | null => (navigator as { connection?: Connection }).connection ?? null;

function freshPage(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
