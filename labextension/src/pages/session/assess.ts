/** What interviewers keep among themselves, on the session's page: notes, scorecard, brief. */

import { brief } from '../../interview/brief';
import { Notes } from '../../interview/notes';
import { Scorecard } from '../../interview/scorecard';
import { Brief } from '../../interview/shapes';
import { call, said } from '../api';
import { h, replace } from '../dom';

export function assess(prefix: string, session: string): HTMLElement {
  const rest = h('div', null, h('p', { class: 'soft' }, 'Reading …'));
  const notes = new Notes(prefix, session);
  const read = async (): Promise<void> => {
    try {
      const found = await call<Brief>(prefix, 'GET', `sessions/${session}/brief`);
      const card = new Scorecard(prefix, session, found.rubric, () => void notes.read());
      replace(rest, h('h3', null, 'Scorecard'), card.node, h('h3', null, 'About the task'), brief(found));
    } catch (error) {
      replace(rest, h('p', { class: 'note', 'data-tone': 'bad' }, said(error)));
    }
  };
  void read();
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'assess' },
    h('h2', { id: 'assess' }, 'Notes and scorecard'),
    notes.node,
    rest
  );
}
