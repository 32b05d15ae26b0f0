/** Following somebody: their selected cell is selected here, until one selects another. */

import { Signal } from '@lumino/signaling';
import { Awareness } from 'y-protocols/awareness';

import { CellPlaces } from './cell-places';
import { RoomDrive } from './drive';

interface Entry {
  user?: { username?: string };
  at?: string | null;
}

export class Follow {
  constructor(
    drive: RoomDrive,
    private readonly places: CellPlaces
  ) {
    drive.opened.connect((_, provider) => {
      this.awareness = provider.awareness;
      provider.awareness.on('change', () => void this.go());
      this.tell();
    });
    places.onActive(() => {
      this.tell();
      if (this.whom !== null && this.places.active() !== this.wanted) {
        this.toggle(this.whom); // a hand of one's own was faster
      }
    });
  }

  readonly changed = new Signal<this, void>(this);
  whom: string | null = null;

  toggle(name: string): void {
    this.whom = this.whom === name ? null : name;
    this.wanted = null;
    this.changed.emit();
    void this.go();
  }

  private tell(): void {
    this.awareness?.setLocalStateField('at', this.places.active());
  }

  private async go(): Promise<void> {
    const states = [...(this.awareness?.getStates().values() ?? [])] as Entry[];
    const at = states.find(one => this.whom !== null && one.user?.username === this.whom)?.at ?? null;
    if (at !== null && at !== this.wanted) {
      this.wanted = at;
      await this.places.show(at);
    }
  }

  private wanted: string | null = null;
  private awareness: Awareness | null = null;
}
