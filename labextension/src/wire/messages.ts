/** What travels between a browser and the service. Written by `python -m greenroom_proctor.typescript`. */

export type State =
  | 'draft'
  | 'scheduled'
  | 'lobby'
  | 'live'
  | 'paused'
  | 'submitted'
  | 'expired'
  | 'terminated'
  | 'review'
  | 'final'
  | 'appeal'
  | 'cancelled'
  | 'no_show';

export type Seat = 'candidate' | 'interviewer' | 'observer';

export type Signal =
  'face' | 'gaze' | 'camera' | 'fullscreen' | 'visibility' | 'focus' | 'clipboard' | 'screen' | 'network';

export type Kind =
  | 'face_absent'
  | 'multiple_faces'
  | 'gaze_away'
  | 'camera_covered'
  | 'camera_frozen'
  | 'still_picture'
  | 'camera_off'
  | 'poor_picture'
  | 'fullscreen_left'
  | 'tab_hidden'
  | 'focus_lost'
  | 'second_screen'
  | 'second_tab'
  | 'network_lost'
  | 'external_paste'
  | 'bulk_insert'
  | 'external_drop';

export type Meter = 'face_reader' | 'picture' | 'browser' | 'editor';

export type Presence = 'here' | 'quiet' | 'gone';

export type Excuse = 'explained' | 'reconnect' | 'request';

export type Level = 'noted' | 'warning' | 'flag';

/** Somebody who asks to see the candidate's camera, or sees it now (`begun`). */
export interface Look {
  id: string;
  name: string;
  display_name: string;
  begun: boolean;
}

/** Somebody in the call. */
export interface Member {
  page: string;
  name: string;
  display_name: string;
  seat: Seat;
  showing: Showing;
}

/** What somebody sends to the others; and whether they are sent pictures, as whoever only listens is not. */
export interface Showing {
  camera: boolean;
  microphone: boolean;
  screen: boolean;
  pictures: boolean;
}

/** A stretch in which a signal was off. `end` is absent while it goes on; `id` stays the same when it ends. `size`: the characters that came in at once, for the kinds of the clipboard; never the text itself. `by`: what measured it. */
export interface Observation {
  id: string;
  signal: Signal;
  kind: Kind;
  start: number;
  end: number | null;
  confidence: number;
  quality: number;
  size?: number | null;
  by?: Meter | null;
}

/** The first message on every connection. `browser` is a random id kept with the unacknowledged messages; `clock` is the browser's monotonic clock now, in seconds, so that buffered observations can be placed in time. */
export interface Hello {
  type: 'hello';
  browser: string;
  clock: number;
}

/** One observation, numbered per browser; sent again until it is acknowledged. */
export interface Observe {
  type: 'observe';
  n: number;
  observation: Observation;
}

/** A heartbeat: the page is open and its signals are running. Tells "gone" from "quiet". */
export interface Beat {
  type: 'beat';
  camera: boolean;
  visible: boolean;
}

/** The time left. While `running`, it ends at `ends_at`; otherwise `left` seconds remain and stand still. */
export interface Clock {
  duration: number;
  left: number;
  running: boolean;
  ends_at: number | null;
}

/** Somebody who is connected now. */
export interface Person {
  name: string;
  display_name: string;
  seat: Seat;
}

/** Observations that a rule picked up and grouped. `text` is the sentence a person reads; `seconds` is null while the last of its `count` stretches goes on. `excused`: why it counts for nothing, if it does. */
export interface Incident {
  id: string;
  signal: Signal;
  kind: Kind;
  level: Level;
  at: number;
  seconds: number | null;
  count: number;
  text: string;
  excused?: Excuse | null;
}

/** How the candidate's page stands. `heard`: when its last sign of life came, for one that is quiet or gone. */
export interface Standing {
  presence: Presence;
  heard?: number | null;
}

/** The answer to hello: who the service takes this browser for, and the last number it has stored from it. `elsewhere`: until when an interviewer has asked the candidate to look elsewhere. `candidate`: how their page stands; told to staff, once it has been here. */
export interface Welcome {
  type: 'welcome';
  you: Person;
  state: State;
  clock: Clock;
  now: number;
  acknowledged: number;
  head: string;
  people: Person[];
  incidents: Incident[];
  elsewhere?: number | null;
  candidate?: Standing | null;
}

/** Everything up to `n` from this browser is durable. `head` is the hash of the newest event in the record. */
export interface Acknowledged {
  type: 'acknowledged';
  n: number;
  head: string;
}

/** The session's state or clock changed. */
export interface SessionChanged {
  type: 'session';
  state: State;
  clock: Clock;
  now: number;
}

/** Who is here now. */
export interface PeopleChanged {
  type: 'people';
  people: Person[];
}

/** The candidate's page is here, quiet or gone. Staff are told. */
export interface CandidateChanged {
  type: 'candidate';
  standing: Standing;
}

/** A new incident, or one that grew. Staff get every level; the candidate gets their own. */
export interface IncidentChanged {
  type: 'incident';
  incident: Incident;
}

/** An interviewer asked the candidate to look elsewhere: until then it counts for nothing where they look. */
export interface ElsewhereAsked {
  type: 'elsewhere';
  until: number;
}

/** A message to everybody in the session, or a comment on a cell. `text` is null once it was erased. `resolved`: who took the comment for settled; null while it is open. */
export interface Remark {
  n: number;
  at: number;
  author: string;
  seat: Seat;
  cell: string | null;
  text: string | null;
  resolved: string | null;
}

/** Somebody said something, or a comment is settled or open again. */
export interface RemarkMade {
  type: 'remark';
  remark: Remark;
}

/** Whose hands are up now, by the names of their accounts. */
export interface HandsRaised {
  type: 'hands';
  names: string[];
}

/** An interviewer put a further task into the notebook; `cell` is its first one. */
export interface TaskAdded {
  type: 'task';
  title: string;
  cell: string;
}

/** Who is in the call, and who asks to see the candidate or sees them now. */
export interface CallChanged {
  type: 'call';
  members: Member[];
  looks: Look[];
}

/** A message the service did not take, and why. `n` is set when it was a numbered one. */
export interface Refused {
  type: 'refused';
  why: string;
  n?: number | null;
}

/** Run the cell with this id; `request` comes back in Done. */
export interface Run {
  type: 'run';
  cell: string;
  request: number;
}

/** The answer to a cell's input() prompt. */
export interface Reply {
  type: 'reply';
  prompt: string;
  value: string;
}

/** A run ended: ok, error, aborted (an earlier cell failed), refused (this seat or state may not run) or gone. */
export interface Done {
  type: 'done';
  request: number;
  status: string;
}

/** How many of this connection's document updates are durable. */
export interface Saved {
  type: 'saved';
  updates: number;
}

/** A running cell asks for input; `prompt` names the question. Null text: the question is closed. */
export interface Ask {
  type: 'ask';
  prompt: string;
  cell: string;
  text: string | null;
  password: boolean;
}

/** What the kernel is doing: starting, idle, busy, restarting, dead. `text` is a sentence for a person, or empty. */
export interface KernelNotice {
  type: 'kernel';
  status: string;
  text: string;
}

/** An update was not taken and the page must load the document anew. `why` is a sentence for a person. */
export interface DocumentRefused {
  type: 'document_refused';
  why: string;
}

export type FromBrowser = Hello | Observe | Beat;

export type ToBrowser =
  | Welcome
  | Acknowledged
  | SessionChanged
  | PeopleChanged
  | CandidateChanged
  | IncidentChanged
  | RemarkMade
  | HandsRaised
  | ElsewhereAsked
  | TaskAdded
  | CallChanged
  | Refused;

export type RoomCommand = Run | Reply;

export type RoomNotice = Done | Saved | Ask | KernelNotice | DocumentRefused;
