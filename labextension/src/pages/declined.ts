/** Whom to ask, for a candidate who does not agree. */

import { Common } from './api';
import { h, props, show } from './dom';
import { frame } from './frame';

const page = props<Common>();
frame(page);
show(
  h('h1', null, 'You did not agree'),
  h('p', { class: 'lead' }, 'That is your right. The session has not begun, and nothing is observed.'),
  h('p', null, 'That you declined, and when, is noted; nothing else.'),
  h(
    'p',
    null,
    'If you need another way to take part, or have a question about what is recorded, ask ',
    h('strong', null, page.contact),
    '.'
  ),
  h('p', null, 'If you change your mind, open your invitation link again.')
);
