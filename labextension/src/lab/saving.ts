/** The word for what is saved, as a person needs it: a key that is on disk before anybody could notice goes without one. */

import { Standing } from './provider';

// Milliseconds unsaved before it is said. A key is on disk within tens of them; a word that changes twice for each key
// lays the page out twice, and a screen reader would say nothing else.
export const NOTICED = 500;

export const OFFLINE = 'Not connected – edits are kept here';

export class Saving {
  constructor(private readonly say: (word: string) => void) {}

  stand({ connected, saved }: Standing): void {
    if (connected && !saved) {
      this.timer ??= setTimeout(() => this.tell('Saving …'), NOTICED);
      return;
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    this.tell(connected ? 'Saved' : OFFLINE);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private tell(word: string): void {
    if (word !== this.word) {
      this.word = word;
      this.say(word);
    }
  }

  private word = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
}
