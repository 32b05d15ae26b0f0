/** Whom to ask, for a candidate who does not agree. */

import { Common } from './api';
import { h, props, show } from './dom';

const page = props<Common>();
show(
  h('h1', {}, 'You did not agree'),
  h('p', {}, 'Nothing more is recorded, and the session has not begun.'),
  h('p', {}, `To ask for another way, or to ask questions, turn to ${page.contact}.`),
  h('p', {}, 'If you change your mind, open the link again.')
);
