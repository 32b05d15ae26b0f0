/** What a reload must not forget, kept in this tab: that somebody is in the call, with what, and that looks are allowed. */

import { Showing } from './messages';

export type Shape = 'docked' | 'floating';

export interface KeptCall {
  /** Null: not in the call. */
  showing: Showing | null;
  shape: Shape;
  corner: number;
  /** The candidate allowed every look of this session. */
  looks: boolean;
}

export const FRESH: KeptCall = { showing: null, shape: 'floating', corner: 0, looks: false };

export type Drawer = Pick<Storage, 'getItem' | 'setItem'>;

export class Kept {
  constructor(
    private readonly drawer: Drawer,
    session: string
  ) {
    this.name = `greenroom-call:${session}`;
  }

  get(): KeptCall {
    try {
      return { ...FRESH, ...(JSON.parse(this.drawer.getItem(this.name) ?? '{}') as Partial<KeptCall>) };
    } catch {
      return FRESH; // something else lies there
    }
  }

  put(change: Partial<KeptCall>): void {
    this.drawer.setItem(this.name, JSON.stringify({ ...this.get(), ...change }));
  }

  private readonly name: string;
}
