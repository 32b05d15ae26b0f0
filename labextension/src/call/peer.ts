/** One connection with one other page. What is decided is in negotiation.ts; here it is done. */

import { Bond, Describe, Described, Peer as Info, Reach, Reached } from './messages';
import { Happening, judge, PATIENCE, Way, WAYS } from './negotiation';

/** The lines of a connection, always in this order: what is not sent is an empty line, and switching needs no offer. */
export const LINES: Record<Bond, Line[]> = {
  talk: ['sound', 'camera', 'screen'],
  looks: ['camera'],
  seen: ['camera']
};
export type Line = 'sound' | 'camera' | 'screen';

const DIRECTION: Record<Bond, RTCRtpTransceiverDirection> = { talk: 'sendrecv', looks: 'sendonly', seen: 'recvonly' };

/** Bits a second, upwards, to each peer: three of them fit an ordinary line. A screen needs more to be read. */
const RATES: Record<Line, number> = { sound: 40_000, camera: 500_000, screen: 1_500_000 };

export type Tracks = Partial<Record<Line, MediaStreamTrack | null>>;
export type Say = (message: Describe | Reach) => void;

export class Peer {
  way: Way = 'finding';
  /** What comes from the other side, a stream a line. */
  readonly streams = new Map<Line, MediaStream>();

  constructor(
    public info: Info,
    config: RTCConfiguration,
    private readonly say: Say,
    private readonly changed: () => void
  ) {
    this.pc = new RTCPeerConnection(config);
    this.pc.onnegotiationneeded = () => void this.offer();
    this.pc.onicecandidate = ({ candidate }) => this.reach(candidate);
    this.pc.onconnectionstatechange = () => this.look();
    this.enter('finding');
    if (!info.polite) {
      for (const line of LINES[info.bond]) {
        this.pc.addTransceiver(line === 'sound' ? 'audio' : 'video', {
          direction: DIRECTION[info.bond],
          sendEncodings: [{ maxBitrate: RATES[line] }]
        });
      }
      this.adopt();
    }
  }

  /** What this side sends from now on. */
  async send(tracks: Tracks): Promise<void> {
    this.tracks = tracks;
    const transceivers = this.pc.getTransceivers();
    for (const [place, line] of LINES[this.info.bond].entries()) {
      const { sender } = transceivers[place] ?? {};
      const track = tracks[line] ?? null;
      if (sender && sender.track !== track && this.pc.signalingState !== 'closed') {
        await sender.replaceTrack(track).catch(() => undefined); // closed meanwhile
      }
    }
  }

  async hear(said: Described | Reached): Promise<void> {
    try {
      await (said.type === 'describe' ? this.described(said) : this.reached(said));
    } catch (error) {
      console.warn(`greenroom: a message of the call was of no use (${said.type}): ${String(error)}`);
    }
  }

  /** Either side connected again: what may have been missed is said once more. */
  again(): void {
    const { localDescription, signalingState } = this.pc;
    if (signalingState === 'have-local-offer' && localDescription) {
      this.describe(localDescription);
    } else if (this.way !== 'open' && this.pc.remoteDescription) {
      this.step('again');
    }
  }

  step(happening: Happening): void {
    const { way, restart } = WAYS[this.way][happening];
    if (restart && this.pc.remoteDescription) {
      this.pc.restartIce();
    }
    if (way !== this.way || happening === 'late' || happening === 'again') {
      this.enter(way);
    }
  }

  /** Other passwords for the relays. */
  configure(config: RTCConfiguration): void {
    this.pc.setConfiguration(config);
  }

  stats(): Promise<RTCStatsReport> {
    return this.pc.getStats();
  }

  close(): void {
    clearTimeout(this.timer);
    this.pc.onnegotiationneeded = this.pc.onicecandidate = this.pc.onconnectionstatechange = null;
    this.pc.close();
  }

  private async offer(): Promise<void> {
    try {
      this.making = true;
      await this.pc.setLocalDescription();
      this.describe(this.pc.localDescription);
    } catch (error) {
      console.warn(`greenroom: no offer was made: ${String(error)}`);
    } finally {
      this.making = false;
    }
  }

  private async described({ kind, text }: Described): Promise<void> {
    const { making, answering, pc } = this;
    this.ignoring =
      judge(kind, { signaling: pc.signalingState, making, answering, polite: this.info.polite }) === 'ignore';
    if (this.ignoring) {
      return;
    }
    this.answering = kind === 'answer';
    await pc.setRemoteDescription({ type: kind, sdp: text }).finally(() => (this.answering = false));
    if (kind === 'offer') {
      this.adopt();
      await this.send(this.tracks);
      await pc.setLocalDescription();
      this.describe(pc.localDescription);
    }
  }

  private async reached({ path, mid, line }: Reached): Promise<void> {
    try {
      await this.pc.addIceCandidate({ candidate: path, sdpMid: mid, sdpMLineIndex: line });
    } catch (error) {
      if (!this.ignoring) {
        throw error; // those of an offer that was not taken belong to nothing
      }
    }
  }

  /** The lines are there: ours, or those of the offer. */
  private adopt(): void {
    const transceivers = this.pc.getTransceivers();
    for (const [place, line] of LINES[this.info.bond].entries()) {
      const transceiver = transceivers[place];
      if (transceiver && !this.streams.has(line)) {
        transceiver.direction = DIRECTION[this.info.bond];
        this.streams.set(line, new MediaStream([transceiver.receiver.track]));
      }
    }
    this.changed();
  }

  private describe(made: RTCSessionDescription | null): void {
    if (made && (made.type === 'offer' || made.type === 'answer')) {
      this.say({ type: 'describe', to: this.info.page, kind: made.type, text: made.sdp });
    }
  }

  private reach(candidate: RTCIceCandidate | null): void {
    const { sdpMid: mid = null, sdpMLineIndex: line = null } = candidate ?? {};
    if (candidate) {
      this.say({ type: 'reach', to: this.info.page, path: candidate.candidate, mid, line });
    }
  }

  private look(): void {
    const state = this.pc.connectionState;
    if (state === 'connected' || state === 'disconnected' || state === 'failed') {
      this.step(state);
    }
  }

  private enter(way: Way): void {
    this.way = way;
    clearTimeout(this.timer);
    const patience = PATIENCE[way];
    if (patience !== null) {
      this.timer = setTimeout(() => this.step('late'), patience);
    }
    this.changed();
  }

  private readonly pc: RTCPeerConnection;
  private tracks: Tracks = {};
  private making = false;
  private answering = false;
  private ignoring = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
