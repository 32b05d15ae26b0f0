/** The calibration, kept for as long as this tab is open: the service gets its numbers for the record. */

import { Baseline } from './baseline';

const NAMES = ['yaw', 'pitch', 'gaze', 'ear', 'widening'] as const;

export interface Kept {
  get(): Baseline | null;
  put(baseline: Baseline): void;
}

/** One session's calibration: made before the lobby, used in the room. */
export function keptFor(session: string, storage: Pick<Storage, 'getItem' | 'setItem'> = sessionStorage): Kept {
  const key = `greenroom:calibration:${session}`;
  return {
    get: () => {
      try {
        const found = JSON.parse(storage.getItem(key) ?? 'null') as Baseline | null;
        return found && NAMES.every(name => Number.isFinite(found[name])) ? found : null;
      } catch {
        return null; // a browser that stores nothing, or something else under our name: it is asked for again
      }
    },
    put: baseline => {
      try {
        storage.setItem(key, JSON.stringify(baseline));
      } catch {
        return; // it holds until the page is left
      }
    }
  };
}
