/** How long to wait before connecting again: twice as long each time, with some chance in it so that a whole room does not come back at once. */

export class Backoff {
  /** Milliseconds. `chance` gives numbers from 0 to 1. */
  constructor(
    private readonly first: number,
    private readonly longest: number,
    private readonly chance: () => number = Math.random
  ) {
    this.next = first;
  }

  /** The wait before the next try: between half and all of what it may be. */
  wait(): number {
    const most = this.next;
    this.next = Math.min(this.longest, most * 2);
    return most * (0.5 + this.chance() / 2);
  }

  reset(): void {
    this.next = this.first;
  }

  private next: number;
}
