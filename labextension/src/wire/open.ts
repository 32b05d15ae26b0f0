/** Opens the wire of a page. Each open page has an outbox of its own; a page that comes back takes up what was left. */

import { left, Outbox } from './outbox';
import { Wire } from './wire';

export interface Opening {
  /** The path of the websocket on the page's own origin. */
  path: string;
  session: string;
  /** What the heartbeat says: whether the camera delivers pictures. */
  camera?: () => boolean;
}

const now = (): number => performance.timeOrigin + performance.now();

export async function openWire({ path, session, camera }: Opening): Promise<Wire> {
  const candidates = [...left(localStorage, session, now()), freshId()];
  let browser = candidates[0];
  for (const candidate of candidates) {
    if (await held(`greenroom:${candidate}`)) {
      browser = candidate;
      break;
    }
  }
  const outbox = new Outbox(localStorage, session, browser, now);
  const url = `${location.origin.replace(/^http/, 'ws')}${path}`;
  return new Wire(outbox, {
    connect: () => new WebSocket(url),
    pulse: () => ({ camera: camera?.() ?? false, visible: !document.hidden })
  });
}

/** Holds a name for as long as this page is open. Without the API (plain http) everything is ours. */
function held(name: string): Promise<boolean> {
  if (!('locks' in navigator)) {
    return Promise.resolve(true);
  }
  return new Promise(resolve => {
    const asked = navigator.locks.request(name, { ifAvailable: true }, lock => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<void>(() => undefined);
    });
    asked.catch(() => resolve(false));
  });
}

function freshId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
