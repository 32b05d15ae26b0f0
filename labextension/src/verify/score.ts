/** The integrity score, computed anew from the record: the twin of greenroom_proctor.score, without the reasons. */

import { Event } from './chain';

export interface ScoreTable {
  start: number;
  most_per_signal: number;
  kinds: Record<string, { warning: number; flag: number }>;
}

const LEVELS: Record<string, 'warning' | 'flag'> = { 'incident.warning': 'warning', 'incident.flag': 'flag' };

export function scoreOf(table: ScoreTable, events: Event[]): number {
  const incidents = new Map<unknown, [signal: string, points: number]>();
  const excused = new Set<unknown>();
  for (const { type, body } of events) {
    if (type in LEVELS) {
      incidents.set(body.id, [String(body.signal), table.kinds[String(body.kind)][LEVELS[type]]]);
    } else if (type === 'incident.excused') {
      excused.add(body.id);
    }
  }
  excused.forEach(id => incidents.delete(id));
  const bySignal = new Map<string, number>();
  for (const [signal, points] of incidents.values()) {
    bySignal.set(signal, (bySignal.get(signal) ?? 0) + points);
  }
  const taken = [...bySignal.values()].reduce((sum, points) => sum + Math.min(points, table.most_per_signal), 0);
  return Math.max(0, table.start - taken);
}
