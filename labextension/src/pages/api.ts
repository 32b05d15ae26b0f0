/** The REST API, as the pages use it. An error is a sentence a person can read. */

export interface Clock {
  duration: number;
  left: number;
  running: boolean;
  ends_at: number | null;
}

export type Use = 'off' | 'inform' | 'on';

/** What is different for one candidate, and why. */
export interface Accommodation {
  adjustment: 'signal_off' | 'camera_off' | 'more_time';
  reason: string;
  signal?: string | null;
  minutes?: number | null;
}

export interface Policy {
  version: number;
  signals: Record<string, Use>;
  calibration: boolean;
  accommodations: Accommodation[];
  languages: string[];
  paste: string;
  call: boolean;
  looks: boolean;
  limits: Record<string, unknown>;
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
  template_version: string;
  created: number;
  seat: string | null;
  seats: Record<string, string>;
}

export interface Template {
  name: string;
  title: string;
  description: string;
  duration: number;
  files: string[];
  policy: Policy;
}

export interface Person {
  name: string;
  display_name: string;
  role: string;
}

export interface Seat {
  person: string;
  display_name: string;
  seat: string;
}

export interface Invitation {
  id: string;
  author: string;
  created: number;
  expires: number;
  revoked: number | null;
  redeemed: number | null;
  times: number;
}

export interface Event {
  seq: number;
  at: number;
  type: string;
  actor: string;
  body: Record<string, unknown>;
}

/** What every page knows. */
export interface Common {
  prefix: string;
  /** Where the files of this bundle lie. */
  static: string;
  /** The fingerprint of all code that this page may run. */
  bundle: string;
  organisation: string;
  contact: string;
  secure: boolean;
  url: string;
  me: { name: string; display_name: string; role: string | null } | null;
}

/** A refusal, in words for a person. `status` is HTTP's, 0 when nobody answered. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly status: number
  ) {
    super(message);
  }
}

export async function call<T>(prefix: string, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await ask(`${prefix}api/v1/${path}`, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body)
  });
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** An answer that is good. Throws Problem otherwise. */
export async function ask(address: string, options: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Problem('The server did not answer. Check your connection and try again.', 0);
  }
  if (!answer.ok) {
    const said = (await answer.json().catch(() => ({}))) as Record<string, string>;
    const text = [said.refused, said.found, said.do].map(stopped).filter(Boolean).join(' ');
    throw new Problem(text || `The server answered ${answer.status}. Try again in a moment.`, answer.status);
  }
  return answer;
}

const stopped = (text: string | undefined): string =>
  !text ? '' : /[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The time left now, by the server's clock. */
export function left(session: Pick<Session, 'clock'>, offset: number): number {
  const { clock } = session;
  return clock.running && clock.ends_at !== null ? (clock.ends_at - (Date.now() + offset)) / 1000 : clock.left;
}

export const OVER = new Set(['submitted', 'expired', 'terminated', 'review', 'final', 'appeal']);
export const NEVER = new Set(['cancelled', 'no_show']);
