/** What a row of the table of rules says. Times in seconds. */

import { Kind, Signal } from '../wire/messages';

export interface Condition {
  feature: string;
  below?: number;
  at_least?: number;
  unit: string;
}

/** Any of these must hold, and in each all of its conditions. */
export type AnyOf = Condition[][];

export interface Rule {
  kind: Kind;
  signal: Signal;
  /** `frames`: judged on every picture; `page`: on what the browser says about itself. */
  source: 'frames' | 'page';
  on: AnyOf;
  off: AnyOf;
  /** While one of these kinds may hold, nothing is concluded; when it begins to be over, this one may begin. */
  unless: Kind[];
  /** How long it must last before it is an observation. */
  dwell: number;
  /** How long it must be over before a beginning is forgotten. */
  forget: number;
  /** How long it must be over before an observation ends. */
  release: number;
  /** A longer pause between two readings ends everything at the last one; null: pauses mean nothing. */
  gap: number | null;
  /** The reading that says for how many seconds it has held already; null: it begins when it is seen. */
  back: string | null;
  /** The times at few pictures a second; null: of pictures, it is not judged then. */
  slow: Timing | null;
  reason: string;
}

/** What has no length: it happens, and is an observation when at least `least` characters came in at once. */
export interface Moment {
  kind: Kind;
  signal: Signal;
  least: number;
  reason: string;
}

export interface Timing {
  dwell: number;
  forget: number;
  release: number;
  gap: number;
}

/** One number of the table, with its unit and where it comes from. */
export interface Constant {
  value: number;
  unit: string;
  reason: string;
}

/** The rules as they hold at so many pictures a second. */
export function rulesAt(rules: Rule[], slowBelow: number, perSecond: number): Rule[] {
  if (perSecond >= slowBelow) {
    return rules;
  }
  return rules.flatMap(rule => (rule.source === 'page' ? [rule] : rule.slow ? [{ ...rule, ...rule.slow }] : []));
}

/** Named numbers at one moment. A missing number is null and fulfils no condition. */
export type Reading = Record<string, number | null>;

export function holds(anyOf: AnyOf, reading: Reading): boolean {
  return anyOf.some(all => all.every(one => fulfils(one, reading[one.feature] ?? null)));
}

function fulfils({ below, at_least }: Condition, value: number | null): boolean {
  return value !== null && (below === undefined || value < below) && (at_least === undefined || value >= at_least);
}
