/** What travels between a browser and the service. Written by `python -m greenroom_proctor.typescript`. */

export type Seat = 'candidate' | 'interviewer' | 'observer';

export type Bond = 'talk' | 'looks' | 'seen';

export type Description = 'offer' | 'answer';

/** What somebody sends to the others; and whether they are sent pictures, as whoever only listens is not. */
export interface Showing {
  camera: boolean;
  microphone: boolean;
  screen: boolean;
  pictures: boolean;
}

/** The first message on every connection. A page that connects again within seconds is still where it was. */
export interface CallHello {
  type: 'hello';
  page: string;
}

/** Come into the call. Sent again after a lost connection, it changes nothing but what is shown. */
export interface Join {
  type: 'join';
  showing: Showing;
}

/** Something was switched on or off. */
export interface Show {
  type: 'show';
  showing: Showing;
}

/** Out of the call. */
export interface Leave {
  type: 'leave';
}

/** Ask to see the candidate's camera for a while, without a call. */
export interface LookAsk {
  type: 'look';
}

/** The candidate's answer. `standing`: it was given before, for every look in this session. */
export interface LookAnswer {
  type: 'answer';
  look: string;
  allowed: boolean;
  standing: boolean;
}

/** The look is over; whoever looks may say so, and whoever is seen. */
export interface LookEnd {
  type: 'end';
  look: string;
}

/** A session description (SDP) for one of the pages that the service named. */
export interface Describe {
  type: 'describe';
  to: string;
  kind: Description;
  text: string;
}

/** An address at which this browser may be reached (an ICE candidate); empty when there are no more. */
export interface Reach {
  type: 'reach';
  to: string;
  path: string;
  mid: string | null;
  line: number | null;
}

/** Somebody in the call. */
export interface Member {
  page: string;
  name: string;
  display_name: string;
  seat: Seat;
  showing: Showing;
}

/** Somebody who asks to see the candidate's camera, or sees it now (`begun`). */
export interface Look {
  id: string;
  name: string;
  display_name: string;
  begun: boolean;
}

/** A page to be connected with. `polite`: in a collision of offers this side gives way; the other begins. `times` grows when that page connected again: what it may have missed is said once more. */
export interface Peer {
  page: string;
  name: string;
  display_name: string;
  seat: Seat;
  bond: Bond;
  showing: Showing;
  polite: boolean;
  times: number;
}

/** A STUN or TURN server, with a name and password that hold for some hours. */
export interface Relay {
  urls: string[];
  username: string | null;
  credential: string | null;
}

/** The answer to hello. `only_relay`: media may go through a relay only. `why_not`: why this seat may not join. */
export interface CallWelcome {
  type: 'welcome';
  page: string;
  relays: Relay[];
  only_relay: boolean;
  why_not: string | null;
  why_no_look: string | null;
}

/** Whom this page is connected with from now on; `joined` when it is in the call itself; `look` is its own look. */
export interface Peers {
  type: 'peers';
  peers: Peer[];
  joined: boolean;
  look: string | null;
}

/** A description from another page. */
export interface Described {
  type: 'describe';
  by: string;
  kind: Description;
  text: string;
}

/** An address of another page. */
export interface Reached {
  type: 'reach';
  by: string;
  path: string;
  mid: string | null;
  line: number | null;
}

/** What was asked for is not done, and why. */
export interface CallRefused {
  type: 'refused';
  why: string;
}

export type FromCaller = CallHello | Join | Show | Leave | LookAsk | LookAnswer | LookEnd | Describe | Reach;

export type ToCaller = CallWelcome | Peers | Described | Reached | CallRefused;
