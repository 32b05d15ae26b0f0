/** Says why an incident has an explanation; the candidate reads it, too. */

import { h } from '../dom';
import { Note } from '../frame';

const LONGEST = 500; // letters; the service takes no longer reason

export function excusing(note: Note, save: (reason: string) => Promise<void>): HTMLElement {
  const reason = h('input', {
    type: 'text',
    required: true,
    maxlength: LONGEST,
    'aria-label': 'What explains it',
    placeholder: 'What explains it'
  });
  const button = h('button', { type: 'submit', class: 'small' }, 'Excuse it');
  const form = h('form', null, reason, h('small', null, 'The candidate reads this.'), button);
  const details = h('details', null, h('summary', null, 'Excuse'), form);
  form.addEventListener('submit', event => {
    event.preventDefault();
    void note.during(button, async () => {
      details.open = false;
      await save(reason.value.trim());
    });
  });
  return details;
}
