/** The candidate's links: make one, see what became of the others, take one back. */

import { call, Invitation, Session } from '../api';
import { copyable } from '../copy';
import { sure } from '../dialog';
import { h, replace } from '../dom';
import { Note } from '../frame';
import { many, moment } from '../time';

export class Invitations {
  readonly node = h('section', { class: 'panel', 'aria-labelledby': 'links' });

  constructor(
    private readonly prefix: string,
    private readonly session: Session
  ) {
    const button = h('button', { type: 'button', onclick: () => void this.make(button) }, 'Make a link');
    replace(
      this.node,
      h('h2', { id: 'links' }, 'Invitation links'),
      h(
        'p',
        { class: 'soft' },
        `Whoever opens a link is ${session.candidate}. It works until it expires, also again after a reload or on another device: the seat moves there.`
      ),
      this.note.node,
      this.fresh,
      this.list,
      h('div', { class: 'row' }, button)
    );
  }

  async draw(): Promise<void> {
    const links = await call<Invitation[]>(this.prefix, 'GET', this.path);
    replace(
      this.list,
      links.length === 0 && h('li', { class: 'soft' }, 'No link yet. The candidate needs one to come in.'),
      links.map(one => this.line(one))
    );
  }

  private line(one: Invitation): HTMLElement {
    const usable = one.revoked === null && one.expires > Date.now();
    const button = h(
      'button',
      {
        type: 'button',
        class: 'quiet small',
        'aria-label': `Take back the link made ${moment(one.created)}`,
        onclick: () => void this.revoke(one, button)
      },
      'Take back'
    );
    return h('li', null, h('span', null, `Made ${moment(one.created)}. ${became(one)}`), usable && button);
  }

  private async make(button: HTMLButtonElement): Promise<void> {
    await this.note.during(button, async () => {
      const link = await call<Invitation & { url: string }>(this.prefix, 'POST', this.path, {});
      replace(
        this.fresh,
        copyable('Invitation link', link.url),
        h('p', { class: 'soft' }, `Works until ${moment(link.expires)}. It is shown only now.`)
      );
      this.fresh.querySelector('input')?.focus();
      await this.draw();
    });
  }

  private async revoke(one: Invitation, button: HTMLButtonElement): Promise<void> {
    const follows = 'Nobody can come in by this link any more. Who is in already stays in.';
    if (await sure('Take this link back?', follows, 'Take it back')) {
      await this.note.during(button, async () => {
        await call(this.prefix, 'DELETE', `${this.path}/${one.id}`);
        replace(this.fresh);
        await this.draw();
      });
    }
  }

  private get path(): string {
    return `sessions/${this.session.id}/invitations`;
  }

  private readonly note = new Note();
  private readonly fresh = h('div');
  private readonly list = h('ul', { class: 'lines' });
}

function became(one: Invitation): string {
  const opened = one.times > 0 ? `Opened ${many(one.times, 'time')}.` : 'Not opened yet.';
  if (one.revoked !== null) {
    return `${opened} Taken back ${moment(one.revoked)}.`;
  }
  return one.expires > Date.now()
    ? `${opened} Works until ${moment(one.expires)}.`
    : `${opened} Expired ${moment(one.expires)}.`;
}
