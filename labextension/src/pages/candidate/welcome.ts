/** What this is and what is recorded, to agree to or not. */

import { accommodations } from '../accommodations';
import { call } from '../api';
import { h } from '../dom';
import { Note } from '../frame';
import { spoken } from '../time';
import { NOT_RECORDED, promise, recorded } from './recorded';
import { step, Way } from './way';

export function welcome(way: Way): void {
  const { page } = way;
  const { session } = page;
  const note = new Note();
  const yes = h('button', { type: 'button', onclick: () => void answer(true) }, 'I agree');
  const no = h('button', { type: 'button', class: 'quiet', onclick: () => void answer(false) }, 'I do not agree');
  const answer = async (accepted: boolean): Promise<void> => {
    await note.during(accepted ? yes : no, async () => {
      const body = { wording: page.wording, accepted };
      await call(page.prefix, 'POST', `sessions/${session.id}/consent`, body);
      if (accepted) {
        way.device();
      } else {
        location.assign(`${page.prefix}declined`);
      }
    });
  };
  step(
    'What is recorded',
    session.title,
    h('p', { class: 'lead' }, `${session.candidate}, ${page.organisation} invites you to work on a notebook together.`),
    h(
      'p',
      null,
      `You have ${spoken(session.clock.duration)}. The clock starts when the interviewer opens the door, not before. You need a current browser on a computer with a keyboard${promise(session.policy) ? ', and a camera if you have one' : ''}; no account, and nothing to install.`
    ),
    h('h2', null, 'What is recorded'),
    h(
      'dl',
      { class: 'signals' },
      recorded(session.policy).map(one => [h('dt', null, one.what), h('dd', null, one.how)])
    ),
    promise(session.policy) && h('p', { class: 'note' }, promise(session.policy)),
    accommodations(session.policy.accommodations),
    h('h2', null, 'What is not'),
    h('p', null, NOT_RECORDED),
    h('h2', null, 'Who sees it, and for how long'),
    h(
      'p',
      null,
      `The people who have a seat in this session, and the admins of ${page.organisation}. It is kept for ${session.policy.retention_days} days. You read the same record as they do, and at the end you get a signed receipt of your work.`
    ),
    h(
      'p',
      null,
      'If something here does not suit you – a camera you do not want, a condition, a tool you need – ask ',
      h('strong', null, page.contact),
      ' before you agree: a session can be made without any of the signals above.'
    ),
    note.node,
    h('div', { class: 'row' }, yes, no),
    h('p', null, h('small', null, `Wording ${page.wording}. Your answer is kept with it.`))
  );
}
