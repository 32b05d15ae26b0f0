/** Edits that the service has not acknowledged yet, kept in this browser over a reload or a crash of the tab. */

import { mergeUpdates } from 'yjs';

/** As much of the browser's own storage as this needs. */
export interface Shelf {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

// Milliseconds after a key until it is written here: what the service saves sooner needs no second place.
export const SOON = 50;

export class Kept {
  /** `place` names the session and the person, `page` this page among those that the person has open. */
  constructor(
    private readonly shelf: Shelf,
    private readonly place: string,
    page: string
  ) {
    this.own = `${place}${page}`;
  }

  /** An edit that is not acknowledged. */
  add(update: Uint8Array): void {
    this.updates.push(update);
    this.timer ??= setTimeout(() => this.write(), SOON);
  }

  /** Everything is acknowledged. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.updates = [];
    if (this.written) {
      this.written = false;
      this.shelf.removeItem(this.own);
    }
  }

  /** Writes now: the page goes. */
  write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.updates.length === 0) {
      return;
    }
    this.updates = [mergeUpdates(this.updates)];
    try {
      this.shelf.setItem(this.own, btoa(String.fromCharCode(...this.updates[0])));
      this.written = true;
    } catch {
      // Full, or too long for one call: the edits are on their way to the service all the same.
    }
  }

  /** What pages of this person left that are no more; it is taken from the shelf. */
  take(): Uint8Array[] {
    const names = Array.from({ length: this.shelf.length }, (_, index) => this.shelf.key(index));
    const left = names.filter((name): name is string => name !== null && name.startsWith(this.place));
    return left
      .filter(name => name !== this.own)
      .map(name => {
        const text = atob(this.shelf.getItem(name) ?? '');
        this.shelf.removeItem(name);
        return Uint8Array.from(text, letter => letter.charCodeAt(0));
      })
      .filter(update => update.length > 0);
  }

  private readonly own: string;
  private updates: Uint8Array[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private written = false;
}
