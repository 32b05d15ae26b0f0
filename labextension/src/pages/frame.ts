/** What stands around every page: whose it is, the ways on, and one place for what went well or wrong. */

import { Common, said } from './api';
import { h } from './dom';

/** Digits of the fingerprint, as in the addresses of the files. */
const SHOWN = 16;

/** Puts header and footer around the page's own content. */
export function frame({ prefix, bundle, organisation, me }: Common): void {
  const staff = me !== null && me.role !== null;
  const main = document.getElementById('page') as HTMLElement;
  main.tabIndex = -1;
  main.before(
    h('a', { class: 'skip', href: '#page' }, 'Skip to the content'),
    h(
      'header',
      { class: 'top' },
      h(
        'a',
        { class: 'brand', href: staff ? prefix : '#page' },
        h('span', { class: 'mark', 'aria-hidden': 'true' }),
        organisation
      ),
      staff && h('nav', { 'aria-label': 'Main' }, h('a', { href: prefix }, 'Sessions')),
      me && h('span', { class: 'who' }, me.display_name || me.name),
      staff && leave(prefix)
    )
  );
  main.after(
    h(
      'footer',
      null,
      h('a', { href: `${prefix}verify` }, 'Check a receipt'),
      bundle &&
        h(
          'span',
          { title: `The fingerprint of all code that this page runs: ${bundle}` },
          'Code ',
          h('span', { class: 'hash' }, bundle.slice(0, SHOWN))
        ),
      h('span', null, 'Greenroom: every claim about a person can be checked by that person.')
    )
  );
}

function leave(prefix: string): HTMLElement {
  return h(
    'form',
    { method: 'post', action: `${prefix}logout`, class: 'leave' },
    h('button', { class: 'link' }, 'Sign out')
  );
}

/** One line for what happened; read aloud. Empty while there is nothing to say. */
export class Note {
  readonly node = h('p', { class: 'note', role: 'status', 'aria-live': 'polite' });

  say(text: string): void {
    this.node.dataset.tone = 'good';
    this.node.textContent = text;
  }

  problem(error: unknown): void {
    this.node.dataset.tone = 'bad';
    this.node.textContent = said(error);
  }

  clear(): void {
    this.node.textContent = '';
  }

  /** Runs something that may be refused, with the button asleep meanwhile. */
  async during<T>(button: HTMLButtonElement | null, work: () => Promise<T>): Promise<T | undefined> {
    this.clear();
    button?.setAttribute('aria-disabled', 'true');
    try {
      return await work();
    } catch (error) {
      this.problem(error);
      return undefined;
    } finally {
      button?.removeAttribute('aria-disabled');
    }
  }
}
