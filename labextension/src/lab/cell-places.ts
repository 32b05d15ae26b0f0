/** Cells by their ids: where they are, which one is selected, and which have comments. */

import { INotebookTracker, Notebook } from '@jupyterlab/notebook';

import { h } from '../pages/dom';

export class CellPlaces {
  constructor(private readonly tracker: INotebookTracker) {}

  /** The id of the selected cell. */
  active(): string | null {
    return this.tracker.activeCell?.model.sharedModel.getId() ?? null;
  }

  /** Selects a cell and brings it into sight. The keyboard stays where it is. */
  async show(id: string): Promise<void> {
    const [notebook, index] = [this.notebook, this.index(id)];
    if (notebook && index >= 0) {
      notebook.activeCellIndex = index;
      await notebook.scrollToItem(index, 'smart');
    }
  }

  button(id: string): HTMLElement {
    const at = this.index(id);
    return at < 0
      ? h('small', null, 'about a cell that is gone')
      : h('button', { type: 'button', class: 'gr-link', onclick: () => void this.show(id) }, `about cell ${at + 1}`);
  }

  /** Shows beside cells that there are comments on them. */
  mark(ids: string[]): void {
    for (const cell of this.notebook?.widgets ?? []) {
      const count = ids.filter(id => id === cell.model.sharedModel.getId()).length;
      cell.toggleClass('gr-commented', count > 0);
      cell.node.dataset.grComments = count > 0 ? String(count) : '';
    }
  }

  /** Whether nobody may change a cell. */
  locked(id: string): boolean {
    const cell = this.notebook?.widgets[this.index(id)];
    return cell?.model.sharedModel.getMetadata('editable') === false;
  }

  onActive(listener: () => void): void {
    this.tracker.activeCellChanged.connect(listener);
  }

  /** Another cell is selected, or the selected one is marked in another way. */
  onMark(listener: () => void): void {
    let watched = this.tracker.activeCell?.model;
    const watch = (): void => {
      watched?.metadataChanged.disconnect(listener);
      watched = this.tracker.activeCell?.model;
      watched?.metadataChanged.connect(listener);
      listener();
    };
    this.tracker.activeCellChanged.connect(watch);
  }

  private index(id: string): number {
    return this.notebook?.widgets.findIndex(one => one.model.sharedModel.getId() === id) ?? -1;
  }

  private get notebook(): Notebook | undefined {
    return this.tracker.currentWidget?.content;
  }
}
