/** What is recorded in a session, from its policy: the whole of it, and nothing else. Pure, so that a test can hold it to that. */

import { PROMISE } from '../../camera/words';
import { Policy } from '../api';

export interface Recorded {
  what: string;
  how: string;
}

const ALWAYS: Recorded[] = [
  {
    what: 'Your work',
    how: 'Every change of the notebook, with its time and who made it; every run with its outputs; the files that your code writes.'
  },
  {
    what: 'The course of the session',
    how: 'When you open the link, agree, connect, lose the connection and hand in.'
  }
];

const CALIBRATION: Recorded = {
  what: 'How your face reads',
  how: 'Seven numbers: angles of head and eyes, the opening of the eyes and the light, while you look at the screen. No picture, and no map of your face.'
};

const SIGNALS: Record<string, Recorded> = {
  face: { what: 'Your face, by the camera', how: 'From when to when no face was seen, or a second one.' },
  gaze: {
    what: 'Your gaze, by the camera',
    how: 'From when to when head and eyes were turned away from the screen for more than two seconds.'
  },
  camera: { what: 'Your camera', how: 'From when to when it gave no picture, or one that was too dark or too bright.' },
  fullscreen: { what: 'Fullscreen', how: 'The room asks for fullscreen; from when to when it was left.' },
  visibility: { what: 'This page', how: 'From when to when it was hidden, behind another tab for example.' },
  focus: { what: 'The keyboard', how: 'From when to when another window had it for a while. Not which one.' },
  screen: { what: 'A second screen', how: 'Whether there is one, where the browser says so. Not what it shows.' },
  clipboard: {
    what: 'Text from elsewhere',
    how: 'When text from outside this room is pasted or dropped, or much text comes in at once, and how many characters.'
  },
  network: { what: 'The connection', how: 'From when to when the service did not answer.' }
};

const CALL: Recorded = {
  what: 'Calls',
  how: 'When you join and leave a call, and who saw your camera or screen from when to when. You join by pressing a button. Picture and sound go straight to the browsers of those people; the server gets neither, and nothing is kept.'
};

const LOOKS: Recorded = {
  what: 'Looks through your camera',
  how: 'Staff may ask to look at you without a call. You are asked, you may refuse, and while somebody looks you see who. That is noted, and no picture is kept.'
};

const AFTERWARDS: Record<string, string> = {
  on: 'You are told first. If it goes on or comes often, the interviewer is told as well.',
  inform: 'It is only noted. Nobody is warned or told because of it.'
};

export function recorded(policy: Policy): Recorded[] {
  const used = Object.entries(policy.signals).filter(([, use]) => use !== 'off');
  const always = policy.calibration ? [...ALWAYS, CALIBRATION] : ALWAYS;
  const calls = [policy.call && CALL, policy.looks && LOOKS].filter(one => one !== false);
  return [...always, ...used.map(([signal, use]) => observed(signal, AFTERWARDS[use] ?? '')), ...calls];
}

function observed(signal: string, afterwards: string): Recorded {
  // A signal without a sentence is named all the same: what is not said is not recorded.
  const known = SIGNALS[signal] ?? { what: signal, how: `What your browser reports about “${signal}”.` };
  return { what: known.what, how: `${known.how} ${afterwards}`.trim() };
}

/** The camera's promise, where there is a camera check. */
export function promise({ signals }: Policy): string | null {
  return ['face', 'camera'].some(one => (signals[one] ?? 'off') !== 'off') ? PROMISE : null;
}

export const NOT_RECORDED =
  'No picture and no sound. Not your screen, not other programs or pages, nothing outside the time in which this page is open. Nobody’s feelings are guessed. What a rule picks up is never a verdict: only a person gives one.';
