/** The small panel: the own picture, one sentence, what is measured now. It folds away and then still says the sentence. */

import { Outcome } from './calibration';
import { h, replace } from '../pages/dom';
import { CameraState, measured, PROMISE, sentence } from './words';

const STEADY = 800; // milliseconds a sentence must hold before it is said: a blink of the reader is no news

export interface ViewOptions {
  /** The address of camera.css. */
  style: string;
  folded: boolean;
  /** The person asks to try again. */
  again: () => void;
  /** The five dots, where the panel has a button for them. */
  dots: (() => Promise<Outcome | null>) | null;
  /** The person chose one of several cameras. */
  choose: (id: string) => void;
}

export class View {
  constructor(
    host: HTMLElement,
    private readonly options: ViewOptions
  ) {
    this.retry = h(
      'button',
      { type: 'button', class: 'gr-camera-button', onclick: options.again, hidden: true },
      'Try again'
    );
    const details = h(
      'details',
      { class: 'gr-camera-details' },
      h('summary', null, 'What is measured'),
      this.numbers,
      h('p', null, PROMISE)
    );
    this.choice = h('label', { class: 'gr-camera-choice', hidden: true }, 'Camera ', this.select);
    this.body = h(
      'div',
      { class: 'gr-camera-body' },
      this.video,
      this.choice,
      this.name,
      this.dots,
      this.said,
      details
    );
    this.node = h(
      'section',
      { class: 'gr-camera', 'aria-label': 'Camera check' },
      h('div', { class: 'gr-camera-head' }, this.status, this.toggle),
      this.retry,
      this.body
    );
    this.video.muted = true;
    this.fold(options.folded);
    this.toggle.addEventListener('click', () => this.fold(!this.body.hidden));
    this.select.addEventListener('change', () => options.choose(this.select.value));
    this.dots.addEventListener('click', () => void this.calibrate());
    dress(options.style);
    host.append(this.node);
  }

  /** Shows the state. The sentence follows when it has held for a moment; the numbers at once. */
  show(state: CameraState, perSecond: number): void {
    const { tone, text, again } = sentence(state);
    if (text !== this.coming) {
      this.coming = text;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.say(tone, text, again), this.status.textContent ? STEADY : 0);
    }
    const on = state.standing === 'on';
    this.video.classList.toggle('gr-camera-dimmed', !on);
    this.name.textContent = on && state.detail && this.choice.hidden ? state.detail : '';
    this.dots.hidden = this.options.dots === null || !on || state.features === null;
    this.dots.textContent = state.calibrated ? 'Look at the five dots again' : 'Look at five dots';
    if (!this.body.hidden) {
      const rows = measured(on ? state.features : null, perSecond);
      replace(
        this.numbers,
        rows.map(([what, value]) => [h('dt', null, what), h('dd', null, value)])
      );
    }
  }

  /** The cameras to choose from. One alone is no choice. */
  offer(cameras: [id: string, name: string][], now: string | undefined): void {
    this.choice.hidden = cameras.length < 2;
    replace(
      this.select,
      cameras.map(([id, name], index) =>
        h('option', { value: id, selected: id === now }, name || `Camera ${index + 1}`)
      )
    );
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    this.video.srcObject = null;
    this.node.remove();
  }

  private async calibrate(): Promise<void> {
    this.said.textContent = '';
    const outcome = await this.options.dots?.();
    this.said.textContent = !outcome
      ? 'Stopped; what was measured before still holds.'
      : outcome.good
        ? 'That worked: your face is read well where you sit.'
        : outcome.why;
    this.dots.focus();
  }

  private say(tone: string, text: string, again: boolean): void {
    this.node.dataset.tone = tone;
    this.status.textContent = text;
    this.retry.hidden = !again;
  }

  private fold(folded: boolean): void {
    this.body.hidden = folded;
    this.toggle.textContent = folded ? 'Show' : 'Hide';
    this.toggle.setAttribute('aria-label', folded ? 'Show my picture' : 'Hide my picture');
    this.toggle.setAttribute('aria-expanded', String(!folded));
  }

  readonly video = h('video', {
    class: 'gr-camera-picture',
    playsinline: true,
    'aria-label': 'Your own picture, as in a mirror'
  });
  private readonly status = h('p', { class: 'gr-camera-status', role: 'status' });
  private readonly toggle = h('button', { type: 'button', class: 'gr-camera-button' });
  private readonly numbers = h('dl', { class: 'gr-camera-numbers' });
  private readonly select = h('select', { class: 'gr-camera-select' });
  private readonly name = h('p', { class: 'gr-camera-name' });
  private readonly dots = h('button', { type: 'button', class: 'gr-camera-button gr-camera-dots', hidden: true });
  private readonly said = h('p', { class: 'gr-camera-said', role: 'status' });
  private readonly node: HTMLElement;
  private readonly body: HTMLElement;
  private readonly choice: HTMLElement;
  private readonly retry: HTMLButtonElement;
  private coming = '';
  private timer = 0;
}

/** The style comes once, from where the worker comes: the same in a page and in JupyterLab, whoever builds it. */
function dress(address: string): void {
  const href = new URL(address, location.href).href;
  if (![...document.styleSheets].some(sheet => sheet.href === href)) {
    document.head.append(h('link', { rel: 'stylesheet', href }));
  }
}
