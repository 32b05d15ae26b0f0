/** What the candidate's steps share: the page's data, where the candidate is on their way, and the move to another step. */

import { Common, Session } from '../api';
import { Child, h, show } from '../dom';

export interface Consent {
  wording: string;
  accepted: boolean;
  at: number;
}

export interface Page extends Common {
  session: Session;
  wording: string;
  consent: Consent | null;
}

/** One step's way out: the next one says what it needs. */
export interface Way {
  page: Page;
  welcome(): void;
  device(): void;
  /** `without`: why the camera check does not run, for the interviewer; empty when it does. */
  lobby(without: string): void;
  /** The session moved on, and its state says where to. */
  follow(session: Session): void;
}

export const STEPS = ['What is recorded', 'Your device', 'Lobby', 'Room', 'Handed in'] as const;
export type Step = (typeof STEPS)[number];

let shown = false;

/** Puts a step on the page. From the second one on the heading gets the focus, so that the change is read aloud. */
export function step(current: Step | null, title: string, ...children: Child[]): void {
  const heading = h('h1', { tabindex: -1 }, title);
  show(current && progress(current), heading, ...children);
  window.scrollTo(0, 0);
  if (shown) {
    heading.focus();
  }
  shown = true;
}

function progress(current: Step): HTMLElement {
  const at = STEPS.indexOf(current);
  return h(
    'ol',
    { class: 'steps', 'aria-label': 'Your way' },
    STEPS.map((one, index) =>
      h('li', { class: index < at ? 'done' : '', 'aria-current': index === at ? 'step' : null }, one)
    )
  );
}

/** Whether the session's policy has a signal at all. */
export const has = ({ policy }: Session, signal: string): boolean => (policy.signals[signal] ?? 'off') !== 'off';

export const CAMERA = ['face', 'gaze', 'camera'];
export const hasCamera = (session: Session): boolean => CAMERA.some(one => has(session, one));
