/** "Please look at the other screen": one press of an interviewer, and until when it holds, for everybody. */

import { call, said } from './api';
import { h } from './dom';
import { second } from './time';

const SECONDS = 60;

export class Elsewhere {
  readonly node = h('div', { class: 'gr-elsewhere', hidden: true });

  /** `seat`: who reads it. Only `asks` has the button. `look`: the class of a small button on this page. */
  constructor(
    private readonly prefix: string,
    private readonly session: string,
    private readonly seat: 'candidate' | 'staff',
    private readonly asks: boolean,
    look: string
  ) {
    this.button = h(
      'button',
      {
        type: 'button',
        class: look,
        onclick: () => void this.ask(),
        title: 'Where the candidate looks counts for nothing meanwhile'
      },
      'Ask to look elsewhere for a minute'
    );
    this.node.append(this.text, this.asks ? this.button : '');
  }

  /** Whether the session goes on: nobody is asked before or afterwards. */
  live(on: boolean): void {
    this.on = on;
    this.draw();
  }

  /** `until`: milliseconds since the epoch by the service's clock, which is `offset` before this computer's. */
  show(until: number | null, offset: number): void {
    this.until = until;
    this.offset = offset;
    this.draw();
  }

  dispose(): void {
    window.clearTimeout(this.timer);
  }

  private draw(): void {
    window.clearTimeout(this.timer);
    const left = this.until === null ? 0 : this.until - Date.now() - this.offset;
    if (this.until !== null && left > 0) {
      const end = second(this.until - this.offset);
      this.text.textContent =
        this.seat === 'candidate'
          ? `You were asked to look elsewhere. Until ${end} it counts for nothing where you look.`
          : `The candidate was asked to look elsewhere. Until ${end} it counts for nothing where they look.`;
      this.timer = window.setTimeout(() => this.draw(), left + 50);
    } else {
      this.text.textContent = '';
    }
    this.node.hidden = !this.on || (this.text.textContent === '' && !this.asks);
  }

  private async ask(): Promise<void> {
    try {
      await call(this.prefix, 'POST', `sessions/${this.session}/elsewhere`, { seconds: SECONDS });
    } catch (error) {
      this.text.textContent = said(error);
    }
  }

  private readonly text = h('p', { role: 'status' });
  private readonly button: HTMLButtonElement;
  private on = false;
  private until: number | null = null;
  private offset = 0;
  private timer = 0;
}
