/** The words for states and actions, for staff. */

import { Accommodation, Event, Session } from './api';
import { many } from './time';

const STATES: Record<string, string> = {
  draft: 'Draft',
  scheduled: 'Waiting for the candidate',
  lobby: 'Candidate in the lobby',
  live: 'Live',
  paused: 'Paused',
  submitted: 'Handed in',
  expired: 'Time ran out',
  terminated: 'Ended by staff',
  review: 'In review',
  final: 'Decided',
  appeal: 'Under appeal',
  cancelled: 'Cancelled',
  no_show: 'Candidate did not come'
};

/** For the beginning of a sentence. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const stateInWords = (state: string): string => STATES[state] ?? state;

const NEXT: Record<string, string> = {
  draft: 'It is not scheduled yet.',
  scheduled: 'Send the candidate an invitation link. You see here when they arrive.',
  lobby:
    'The candidate has agreed, checked their device and waits. Open the door when you are ready: the clock starts then.',
  live: 'The candidate is working. The clock runs.',
  paused: 'The clock stands still, and the candidate can read but not change anything.',
  submitted: 'The candidate handed in. The work is frozen, and the receipt is signed.',
  expired: 'The time ran out, and the work was taken in as it stood.',
  terminated: 'The session was ended, and the work was taken in as it stood.',
  cancelled: 'The session does not take place, and its links do not work.',
  no_show: 'It was noted that the candidate did not come.'
};

/** What staff do next. `events`: what happened, oldest first. */
export function nextInWords(state: string, events: readonly Event[]): string {
  const answer = events.filter(one => one.type === 'consent.given').at(-1);
  return state === 'scheduled' && answer?.body.accepted === false
    ? 'The candidate did not agree to what is recorded. Talk to them: a session can be made without any of the signals.'
    : (NEXT[state] ?? '');
}

export interface Step {
  /** The life cycle's own word, as `session.actions` lists it. */
  action: string;
  label: string;
  path: string;
  body?: unknown;
  kind: 'main' | 'plain' | 'grave';
  /** What follows, where it should be read before. */
  follows?: (session: Session) => string;
}

/** In the order in which they stand on the page. */
export const STEPS: Step[] = [
  { action: 'open', label: 'Open the door', path: 'open', kind: 'main' },
  { action: 'resume', label: 'Go on', path: 'resume', kind: 'main' },
  { action: 'pause', label: 'Pause', path: 'pause', kind: 'plain' },
  { action: 'extend', label: '5 minutes more', path: 'extend', body: { seconds: 300 }, kind: 'plain' },
  {
    action: 'terminate',
    label: 'End now',
    path: 'end',
    kind: 'grave',
    follows: one =>
      `The work of ${one.candidate} is taken in as it stands now, and nobody can change it any more. This cannot be undone.`
  },
  {
    action: 'miss',
    label: 'Did not come',
    path: 'miss',
    kind: 'grave',
    follows: one => `It is noted that ${one.candidate} did not come, and the session is over. This cannot be undone.`
  },
  {
    action: 'cancel',
    label: 'Cancel the session',
    path: 'cancel',
    kind: 'grave',
    follows: one =>
      `The session does not take place, and the links of ${one.candidate} stop working. This cannot be undone.`
  }
];

export const SEATS: Record<string, string> = {
  candidate: 'Candidate',
  interviewer: 'Interviewer',
  observer: 'Observer (looks, changes nothing)'
};

/** What is different for this candidate. */
export function accommodationInWords({ adjustment, signal, minutes, reason }: Accommodation): string {
  const what =
    adjustment === 'more_time'
      ? `${many(minutes ?? 0, 'minute')} more`
      : adjustment === 'camera_off'
        ? 'no camera check'
        : `the signal ${signal ?? ''} is off`;
  return `${capital(what)}: ${reason}`;
}
