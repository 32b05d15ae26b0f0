/** Whether this page is the only one of its seat in this browser, or the oldest: a lock that pages hand on to each other. */

export class FirstTab {
  /** 1: it is; 0: an older page holds the lock; null: not known, as in a browser without locks. */
  first: 0 | 1 | null = null;

  constructor(session: string) {
    if ('locks' in navigator) {
      void this.ask(`greenroom-tab:${session}`);
    }
  }

  private async ask(name: string): Promise<void> {
    const forEver = (): Promise<never> => new Promise(() => undefined);
    const mine = navigator.locks.request(name, () => {
      this.first = 1;
      return forEver();
    });
    mine.catch(() => (this.first = null));
    await navigator.locks.query(); // answered after the request: by now it is ours, or somebody has it
    this.first ??= 0;
  }
}
