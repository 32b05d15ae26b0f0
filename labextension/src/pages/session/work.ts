/** What was handed in: files to download, and the notebook to read here. */

import { ask, Session } from '../api';
import { h, replace } from '../dom';
import { Note } from '../frame';
import { many, moment, size } from '../time';
import { Notebook, notebook } from '../notebook';
import { Receipt } from '../../verify/receipt';

export class Work {
  readonly node = h('section', { class: 'panel', 'aria-labelledby': 'work' });

  constructor(
    private readonly prefix: string,
    private readonly session: Session
  ) {}

  /** False while it is still being frozen. */
  async draw(): Promise<boolean> {
    const base = `${this.prefix}api/v1/sessions/${this.session.id}/submission/`;
    let receipt: Receipt;
    try {
      receipt = (await (await ask(`${base}receipt`)).json()) as Receipt;
    } catch {
      replace(
        this.node,
        h('h2', { id: 'work' }, 'Handed in'),
        h('p', null, 'The work is being frozen; it is here in a moment.')
      );
      return false;
    }
    const files = receipt.parts.slice(1);
    replace(
      this.node,
      h('h2', { id: 'work' }, 'Handed in'),
      h('p', null, `Frozen ${moment(Date.parse(receipt.handed_in))}: the notebook and ${many(files.length, 'file')}.`),
      receipt.files_missing && h('p', { class: 'note', 'data-tone': 'bad' }, receipt.files_missing),
      h(
        'ul',
        { class: 'lines' },
        h(
          'li',
          null,
          h('a', { href: `${base}notebook`, download: true }, 'Notebook'),
          h('small', null, size(receipt.parts[0].bytes))
        ),
        files.length > 0 &&
          h(
            'li',
            null,
            h('a', { href: `${base}files.zip`, download: true }, 'Files that cells wrote'),
            h('small', null, size(files.reduce((sum, one) => sum + one.bytes, 0)))
          ),
        h(
          'li',
          null,
          h('a', { href: `${base}receipt`, download: true }, 'Signed receipt'),
          h('small', null, h('a', { href: `${this.prefix}verify` }, 'check it'))
        )
      ),
      this.reader(`${base}notebook`)
    );
    return true;
  }

  private reader(address: string): HTMLElement {
    const note = new Note();
    const body = h('div', { class: 'notebook' });
    const details = h('details', { class: 'more' }, h('summary', null, 'Read the notebook here'), note.node, body);
    details.addEventListener('toggle', () => {
      if (details.open && body.childElementCount === 0) {
        void note.during(null, async () => replace(body, notebook((await (await ask(address)).json()) as Notebook)));
      }
    });
    return details;
  }
}
