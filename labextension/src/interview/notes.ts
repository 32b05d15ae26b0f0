/** Private notes with a time: written quickly, beside the work. The candidate's browser never gets them. */

import { call, said } from '../pages/api';
import { h, replace } from '../pages/dom';
import { second } from '../pages/time';
import { Memo } from './shapes';

interface About {
  /** The selected cell's id, where there are cells. */
  active(): string | null;
  /** Leads to a cell. */
  button(id: string): HTMLElement;
}

export class Notes {
  readonly node = h('section', { class: 'gr-assess', 'aria-label': 'Private notes' });

  constructor(
    private readonly prefix: string,
    session: string,
    private readonly cells: About | null = null
  ) {
    this.path = `sessions/${session}/memos`;
    this.node.append(
      h('p', { class: 'gr-soft' }, 'Only you read these, until you and a colleague have handed in your scorecards.'),
      this.list,
      h(
        'form',
        { onsubmit: (event: Event) => void this.write(event) },
        h('label', { for: 'gr-memo' }, 'Private note'),
        this.field,
        cells && h('label', { class: 'gr-tick' }, this.about, 'About the selected cell'),
        h('button', { type: 'submit', class: 'gr-button quiet' }, 'Keep the note')
      ),
      this.status
    );
    this.field.addEventListener('keydown', event => {
      event.stopPropagation(); // the notebook's keys are not meant here
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        void this.write(event);
      }
    });
    void this.read();
  }

  async read(): Promise<void> {
    try {
      this.draw(await call<Memo[]>(this.prefix, 'GET', this.path));
    } catch (error) {
      this.status.textContent = `The notes could not be read. ${said(error)}`;
    }
  }

  private async write(event: Event): Promise<void> {
    event.preventDefault();
    const text = this.field.value.trim();
    if (text === '') {
      return;
    }
    const cell = this.about.checked ? (this.cells?.active() ?? null) : null;
    try {
      await call(this.prefix, 'POST', this.path, { text, cell });
      this.field.value = '';
      this.status.textContent = 'Kept.';
      await this.read();
    } catch (error) {
      this.status.textContent = `The note was not kept. ${said(error)}`;
    }
  }

  private async remove(memo: Memo): Promise<void> {
    try {
      await call(this.prefix, 'DELETE', `${this.path}/${memo.n}`);
      if (this.field.value.trim() === '') {
        this.field.value = memo.text; // the way back: it can be kept again
      }
      this.status.textContent = 'Taken away. Its words are in the field again.';
      await this.read();
    } catch (error) {
      this.status.textContent = said(error);
    }
  }

  private draw(memos: Memo[]): void {
    replace(
      this.list,
      memos.map(one =>
        h(
          'li',
          null,
          h('time', { datetime: new Date(one.at).toISOString() }, second(one.at)),
          ' ',
          !one.mine && h('strong', null, `${one.author} `),
          one.cell !== null && this.cells !== null && this.cells.button(one.cell),
          h('p', null, one.text),
          one.mine &&
            h(
              'button',
              { type: 'button', class: 'gr-link link', onclick: () => void this.remove(one) },
              'Take away',
              h('span', { class: 'gr-unseen' }, `: ${one.text.slice(0, 40)}`)
            )
        )
      )
    );
  }

  private readonly path: string;
  private readonly list = h('ol', { class: 'gr-memos' });
  private readonly field = h('textarea', { id: 'gr-memo', rows: 2, maxlength: 4000 });
  private readonly about: HTMLInputElement = h('input', { type: 'checkbox' });
  private readonly status = h('p', { class: 'gr-soft', role: 'status' });
}
