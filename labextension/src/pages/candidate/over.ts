/** Handed in: when, what, how to keep it and how anybody can check it. */

import { ask, call, Common, Event, Problem, said, Session } from '../api';
import { Child, h, replace } from '../dom';
import { timeline } from '../events';
import { Live } from '../live';
import { Noted } from '../noted';
import { exact, many, size } from '../time';
import { Receipt } from '../../verify/receipt';
import { step } from './way';

const AGAIN = 1500; // milliseconds between two looks at whether the receipt is there
const LONG = 20; // looks; half a minute is longer than freezing takes

const WHY: Record<string, string> = {
  submitted: 'You handed in.',
  expired: 'The time ran out, and your work was handed in as it stood.',
  terminated: 'The interviewer ended the session, and your work was handed in as it stood.'
};

export function over(page: Common, session: Session): void {
  const body = h(
    'div',
    { role: 'status' },
    h(
      'p',
      { class: 'waiting' },
      'Your work is being taken in; the receipt is here in a moment. You may close this page: nothing gets lost.'
    )
  );
  const work = h('div');
  step('Handed in', 'Handed in', body, work, incidents(page, session), noted(page, session));
  const base = `${page.prefix}api/v1/sessions/${session.id}/submission/`;
  let looks = 0;
  const look = async (): Promise<void> => {
    try {
      const receipt = (await (await ask(`${base}receipt`)).json()) as Receipt;
      replace(body, stamp(receipt));
      replace(work, downloads(page, base, receipt));
    } catch (error) {
      replace(body, trouble(error, ++looks, page.contact));
      setTimeout(() => void look(), AGAIN);
    }
  };
  void look();
}

function stamp(receipt: Receipt): Child {
  const at = Date.parse(receipt.handed_in);
  return [
    h(
      'p',
      { class: 'lead' },
      'Handed in at ',
      h('strong', null, h('time', { datetime: receipt.handed_in }, exact(at))),
      '.'
    ),
    h('p', null, `${WHY[receipt.reason] ?? ''} Nobody can change it any more.`),
    receipt.files_missing &&
      h('p', { class: 'note', 'data-tone': 'wait' }, `Your notebook is complete. ${receipt.files_missing}`)
  ];
}

function trouble(error: unknown, looks: number, contact: string): Child {
  const missing = error instanceof Problem && error.status === 404;
  if (!missing) {
    return h(
      'p',
      { class: 'note', 'data-tone': 'bad' },
      `${said(error)} Your work is safe on the server; this page goes on trying.`
    );
  }
  return h(
    'p',
    { class: 'waiting' },
    looks < LONG
      ? 'Your work is being taken in; the receipt is here in a moment. You may close this page: nothing gets lost.'
      : `Your work is safe, and being taken in takes longer than usual. Come back to this page by your link later, or ask ${contact}.`
  );
}

function downloads(page: Common, base: string, receipt: Receipt): Child {
  const files = receipt.parts.slice(1);
  const [notebook] = receipt.parts;
  return [
    h(
      'div',
      { class: 'row' },
      h('a', { class: 'button', href: `${base}receipt`, download: true }, 'Download your receipt'),
      h('a', { class: 'button quiet', href: `${base}notebook`, download: true }, 'Download your notebook'),
      files.length > 0 &&
        h(
          'a',
          { class: 'button quiet', href: `${base}files.zip`, download: true },
          `Download ${many(files.length, 'file')}`
        ),
      h(
        'a',
        { class: 'button quiet', href: `${page.prefix}api/v1/sessions/${receipt.session}/export`, download: true },
        'Download everything that is kept'
      )
    ),
    h('h2', null, 'How to check it'),
    h(
      'p',
      null,
      'Keep these files. With them anybody can see at any time what you handed in and when, without asking us: ',
      h('a', { href: `${page.prefix}verify` }, 'check a receipt in the browser'),
      ', or run ',
      h('code', null, 'greenroom verify'),
      ' on the receipt.'
    ),
    h(
      'dl',
      { class: 'facts' },
      h('dt', null, 'Notebook'),
      h('dd', null, size(notebook.bytes), ', SHA-256 ', h('span', { class: 'hash' }, notebook.sha256)),
      h('dt', null, 'Signed by'),
      h('dd', null, 'key ', h('span', { class: 'hash' }, receipt.key))
    )
  ];
}

/** What was noted about them, each with what it means and room for a note, for as long as notes are taken. */
function incidents(page: Common, session: Session): HTMLElement {
  const own = new Noted(page.prefix, session.id);
  const standing = h('p', { class: 'soft', role: 'status' });
  const live = new Live(page, session, {
    session: () => undefined,
    line: line => (standing.textContent = line === 'lost' ? 'The connection is lost; trying again.' : ''),
    incidents: all => own.show(all)
  });
  window.addEventListener('pagehide', () => live.dispose(), { once: true });
  return h(
    'section',
    { 'aria-labelledby': 'noted' },
    h('h2', { id: 'noted' }, 'What was noted about you'),
    h(
      'p',
      null,
      'A rule may note something; it decides nothing. Write beside it what it was: whoever looks at this session reads your notes first.'
    ),
    own.node,
    own.standing,
    standing
  );
}

/** The candidate's own view of the record, read when it is asked for. */
function noted(page: Common, session: Session): HTMLElement {
  const body = h('div');
  const details = h('details', { class: 'more' }, h('summary', null, 'What was noted in your session'), body);
  const read = async (): Promise<void> => {
    replace(body, h('p', { class: 'soft' }, 'Reading the record …'));
    try {
      const events = await call<Event[]>(page.prefix, 'GET', `sessions/${session.id}/timeline`);
      replace(
        body,
        h(
          'p',
          null,
          `The whole record, as the people who decide read it. It is kept for ${session.policy.retention_days} days.`
        ),
        timeline(events, { [session.id]: 'You' })
      );
    } catch (error) {
      replace(body, h('p', { class: 'note', 'data-tone': 'bad' }, said(error)));
    }
  };
  details.addEventListener('toggle', () => details.open && void read());
  return details;
}
