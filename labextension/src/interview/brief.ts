/** What the template tells interviewers alone: what to look for, and the reference solution cell by cell. */

import { h } from '../pages/dom';
import { markdown } from '../pages/markdown';
import { Brief } from './shapes';

export function brief({ brief: text, solution }: Brief): HTMLElement {
  return h(
    'section',
    { class: 'gr-assess', 'aria-label': 'About the task' },
    h('p', { class: 'gr-soft' }, 'For interviewers only.'),
    text === null && solution === null && h('p', null, 'The template says nothing more about its task.'),
    text !== null && h('details', null, h('summary', null, 'What to look for'), markdown(text)),
    solution !== null &&
      h('details', null, h('summary', null, 'Reference solution'), h('pre', null, h('code', null, solution)))
  );
}
