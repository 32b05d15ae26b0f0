/** What rules picked up: sentences, with how far they have come. A verdict is a person's and not here. */

import { h } from '../dom';
import { second, spoken } from '../time';
import { Incident } from '../../wire/messages';

const LEVELS: Record<Incident['level'], string> = {
  noted: 'Noted',
  warning: 'Candidate was told',
  flag: 'For you to look at'
};

export function incidents(all: Incident[]): HTMLElement {
  if (all.length === 0) {
    return h('p', { class: 'soft' }, 'Nothing that a rule picked up.');
  }
  return h(
    'ol',
    { class: 'incidents' },
    [...all]
      .sort((a, b) => b.at - a.at)
      .map(one =>
        h(
          'li',
          { 'data-level': one.level, 'data-kind': one.kind },
          h('span', { class: 'chip', 'data-level': one.level }, LEVELS[one.level]),
          h('span', null, one.text),
          h('small', null, `${second(one.at)}, ${one.seconds === null ? 'goes on' : spoken(one.seconds)}`)
        )
      )
  );
}
