/** What a browser and a connection can do, each in one sentence with what to do about it. */

import { said } from '../api';

/** `good` is null while it is being looked at. */
export interface Check {
  good: boolean | null;
  text: string;
}

/** What is looked at in a browser; `window` has it all. */
export type Browser = Pick<Window, 'isSecureContext' | 'innerWidth'> & {
  WebSocket?: unknown;
  Worker?: unknown;
  matchMedia(query: string): { matches: boolean };
};

/** Pixels. Narrower, and a notebook's line of code does not fit beside its margin. */
const NARROW = 700;
/** Milliseconds for one question and its answer, beyond which typing together feels late. */
const SLOW = 400;
const TIMES = 3;

export function browserChecks(browser: Browser): Check[] {
  return [
    browser.WebSocket && browser.Worker
      ? { good: true, text: 'This browser can run the room.' }
      : { good: false, text: 'This browser cannot run the room. Use a current Chrome, Edge, Firefox or Safari.' },
    browser.isSecureContext
      ? { good: true, text: 'The connection is secure.' }
      : {
          good: false,
          text: 'This page was opened without https, so the browser withholds the camera and fullscreen. Ask for a link that begins with https.'
        },
    browser.innerWidth >= NARROW && !browser.matchMedia('(pointer: coarse)').matches
      ? { good: true, text: 'The window is wide enough for a notebook.' }
      : {
          good: false,
          text: 'This window is narrow. The room works, but a computer with a keyboard is far better for writing code.'
        }
  ];
}

/** How long an answer takes: the middle one of three. */
export async function delay(ask: () => Promise<unknown>, now = (): number => performance.now()): Promise<Check> {
  const times: number[] = [];
  try {
    for (let time = 0; time < TIMES; time++) {
      const before = now();
      await ask();
      times.push(now() - before);
    }
  } catch (error) {
    return { good: false, text: said(error) };
  }
  const middle = Math.round(times.sort((one, other) => one - other)[1]);
  return middle < SLOW
    ? { good: true, text: `The connection is quick (${middle} ms).` }
    : { good: false, text: `The connection is slow (${middle} ms): what others type comes late. Nothing gets lost.` };
}
