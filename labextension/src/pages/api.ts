/** The REST API, as the pages use it. An error is a sentence a person can read. */

export interface Clock {
  duration: number;
  left: number;
  running: boolean;
  ends_at: number | null;
}

export interface Policy {
  signals: Record<string, 'off' | 'inform' | 'on'>;
  calibration: boolean;
  languages: string[];
  retention_days: number;
}

export interface Session {
  id: string;
  title: string;
  candidate: string;
  state: string;
  clock: Clock;
  now: number;
  actions: string[];
  policy: Policy;
  template: string;
  created: number;
  seat: string | null;
  seats: Record<string, string>;
}

export interface Common {
  prefix: string;
  organisation: string;
  contact: string;
  secure: boolean;
  me: { name: string; display_name: string; role: string | null } | null;
}

export class Problem extends Error {}

export async function call<T>(prefix: string, method: string, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`${prefix}api/v1/${path}`, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body)
    });
  } catch {
    throw new Problem('The server did not answer. Check your connection and try again.');
  }
  if (answer.status === 204) {
    return undefined as T;
  }
  const said = (await answer.json().catch(() => ({}))) as Record<string, string>;
  if (!answer.ok) {
    throw new Problem(
      [said.refused, said.found, said.do].filter(Boolean).join('. ') || `The server answered ${answer.status}.`
    );
  }
  return said as T;
}

/** The time left now, by the server's clock. */
export function left(session: Session, offset: number): number {
  const { clock } = session;
  return clock.running && clock.ends_at !== null ? (clock.ends_at - (Date.now() + offset)) / 1000 : clock.left;
}

const STATES: Record<string, string> = {
  draft: 'Draft',
  scheduled: 'Scheduled',
  lobby: 'The candidate is waiting at the door',
  live: 'Live',
  paused: 'Paused',
  submitted: 'Handed in',
  expired: 'Handed in when the time ran out',
  terminated: 'Ended by the interviewer',
  cancelled: 'Cancelled',
  no_show: 'The candidate did not come'
};

export const stateInWords = (state: string): string => STATES[state] ?? state;

export const OVER = new Set(['submitted', 'expired', 'terminated', 'review', 'final', 'appeal']);
