/**
 * From readings to observations: an interpreter of the table of rules. Pure: `step(rules, watch, reading)` gives the
 * next watch and what changed. It knows nothing of any kind; all of that stands in the table.
 */

import { Kind, Signal } from '../wire/messages';
import { holds, Reading, Rule } from './rule';

/** Where one rule stands. `since` is the onset, to which an observation is dated back; `clear`, when it began to be over. */
type Phase =
  | { name: 'idle' }
  | { name: 'pending' | 'active'; since: number; clear: number | null; seen: number; looked: number; quality: number };

export interface Watch {
  last: number | null;
  phases: Partial<Record<Kind, Phase>>;
  /** When the last stretch of a kind ended. */
  ended: Partial<Record<Kind, number>>;
}

/** A stretch in which a signal was off; `end` is null while it lasts. */
export interface Stretch {
  kind: Kind;
  signal: Signal;
  start: number;
  end: number | null;
  /** Share of the readings in the stretch that fulfilled the rule. */
  confidence: number;
  /** Mean quality of those readings. */
  quality: number;
}

export interface Look {
  t: number;
  reading: Reading;
  quality: number;
}

export const IDLE: Phase = { name: 'idle' };
export const watchNothing = (): Watch => ({ last: null, phases: {}, ended: {} });

/** One reading further. `rules` stand in an order in which `unless` names only earlier ones. */
export function step(rules: Rule[], watch: Watch, look: Look): [Watch, Stretch[]] {
  const phases: Watch['phases'] = {};
  const stretches: Stretch[] = [];
  for (const rule of rules) {
    const [before, ended] = mind(rule, watch, look.t);
    const blocked = rule.unless.some(kind => {
      const other = phases[kind] ?? IDLE;
      return other.name !== 'idle' && other.clear === null;
    });
    const earliest = Math.max(watch.ended[rule.kind] ?? 0, ended?.end ?? 0);
    const [after, changed] = advance(rule, before, look, earliest, blocked);
    phases[rule.kind] = after;
    stretches.push(...[ended, changed].filter(one => one !== null));
  }
  const over = stretches.flatMap(({ kind, end }) => (end === null ? [] : [[kind, end]]));
  return [{ last: look.t, phases, ended: { ...watch.ended, ...Object.fromEntries(over) } }, stretches];
}

/** Everything that lasts ends now: the watch is over. */
export function finish(rules: Rule[], watch: Watch, t: number): Stretch[] {
  return rules.flatMap(rule => {
    const phase = watch.phases[rule.kind] ?? IDLE;
    const end = rule.gap === null ? t : (watch.last ?? t);
    return phase.name === 'active' ? [stretch(rule, phase, phase.clear ?? end)] : [];
  });
}

/** Nothing may be concluded from a time without readings: what lasted ended with the last one. */
function mind(rule: Rule, { last, phases }: Watch, t: number): [Phase, Stretch | null] {
  const phase = phases[rule.kind] ?? IDLE;
  if (rule.gap === null || last === null || t - last <= rule.gap) {
    return [phase, null];
  }
  return [IDLE, phase.name === 'active' ? stretch(rule, phase, phase.clear ?? last) : null];
}

function advance(rule: Rule, phase: Phase, look: Look, earliest: number, blocked: boolean): [Phase, Stretch | null] {
  const on = !blocked && holds(rule.on, look.reading);
  const over = !on && (blocked || holds(rule.off, look.reading));
  if (phase.name === 'idle') {
    return on ? settle(rule, begin(rule, earliest, look), look.t) : [phase, null];
  }
  const counted = count(phase, look, on, over);
  if (counted.clear === null) {
    return settle(rule, counted, look.t);
  }
  const patience = phase.name === 'active' ? rule.release : rule.forget;
  if (look.t - counted.clear < patience) {
    return [counted, null];
  }
  return [IDLE, phase.name === 'active' ? stretch(rule, counted, counted.clear) : null];
}

/** What holds from now on; what has held for a while begins there, but not before the last stretch ended. */
function begin(rule: Rule, earliest: number, { t, reading, quality }: Look): Exclude<Phase, { name: 'idle' }> {
  const held = rule.back === null ? 0 : (reading[rule.back] ?? 0);
  const since = Math.max(t - held, Math.min(earliest, t));
  return { name: 'pending', since, clear: null, seen: 1, looked: 1, quality };
}

function count(
  phase: Exclude<Phase, { name: 'idle' }>,
  look: Look,
  on: boolean,
  over: boolean
): Exclude<Phase, { name: 'idle' }> {
  const clear = on ? null : over ? (phase.clear ?? look.t) : phase.clear;
  // What comes after the end, while the rule waits whether it is one, does not count.
  return clear !== null
    ? { ...phase, clear }
    : {
        ...phase,
        clear,
        seen: phase.seen + (on ? 1 : 0),
        looked: phase.looked + 1,
        quality: phase.quality + look.quality
      };
}

function settle(rule: Rule, phase: Exclude<Phase, { name: 'idle' }>, t: number): [Phase, Stretch | null] {
  if (phase.name === 'active' || t - phase.since < rule.dwell) {
    return [phase, null];
  }
  const active = { ...phase, name: 'active' as const };
  return [active, stretch(rule, active, null)];
}

function stretch(rule: Rule, phase: Exclude<Phase, { name: 'idle' }>, end: number | null): Stretch {
  return {
    kind: rule.kind,
    signal: rule.signal,
    start: phase.since,
    end,
    confidence: phase.seen / phase.looked,
    quality: phase.quality / phase.looked
  };
}
