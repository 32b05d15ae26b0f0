/** The guide through calibration: five dots, one after the other, about seven seconds. Escape stops it. */

import { h } from '../pages/dom';

const DOTS: [place: string, name: string][] = [
  ['gr-dot-middle', 'the middle'],
  ['gr-dot-top-left', 'the top left'],
  ['gr-dot-top-right', 'the top right'],
  ['gr-dot-bottom-right', 'the bottom right'],
  ['gr-dot-bottom-left', 'the bottom left']
];
const SHOWN = 1400; // milliseconds a dot; five make seven seconds
const TRAVEL = 400; // the eyes need this long to arrive; what is read meanwhile does not count

/** Shows the dots. `settled` is called with true while the eyes rest on a dot. False when it was stopped. */
export async function guide(settled: (on: boolean) => void, gone: AbortSignal): Promise<boolean> {
  const stop = new AbortController();
  gone.addEventListener('abort', () => stop.abort(), { signal: stop.signal });
  const text = h('p', { class: 'gr-guide-text', role: 'status' });
  const dot = h('div', { class: 'gr-dot', 'aria-hidden': 'true' });
  const button = h('button', { type: 'button', class: 'gr-camera-button', onclick: () => stop.abort() }, 'Stop');
  const dialog = h('dialog', { class: 'gr-guide', 'aria-label': 'Calibration' }, text, dot, button);
  dialog.addEventListener('cancel', () => stop.abort());
  document.body.append(dialog);
  dialog.showModal();
  try {
    for (const [index, [place, name]] of DOTS.entries()) {
      dot.className = `gr-dot ${place}`;
      text.textContent = `Look at the dot: ${name}. ${index + 1} of ${DOTS.length}`;
      await pause(TRAVEL, stop.signal);
      settled(true);
      await pause(SHOWN - TRAVEL, stop.signal);
      settled(false);
    }
    return true;
  } catch {
    return false;
  } finally {
    settled(false);
    dialog.close();
    dialog.remove();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stopped = (): void => {
      window.clearTimeout(timer);
      reject(new Error('stopped'));
    };
    const timer = window.setTimeout(() => {
      signal.removeEventListener('abort', stopped);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stopped);
  });
}
