/** A question before something grave: says what follows, and does nothing unless the person says so. */

import { h } from './dom';

export function sure(question: string, follows: string, yes: string): Promise<boolean> {
  return new Promise(resolve => {
    const answer = (value: boolean) => (): void => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const dialog = h(
      'dialog',
      {
        class: 'sure',
        'aria-labelledby': 'sure-question',
        'aria-describedby': 'sure-follows',
        oncancel: answer(false)
      },
      h('h2', { id: 'sure-question' }, question),
      h('p', { id: 'sure-follows' }, follows),
      h(
        'div',
        { class: 'row' },
        h('button', { type: 'button', class: 'quiet', onclick: answer(false), autofocus: true }, 'No, go back'),
        h('button', { type: 'button', class: 'grave', onclick: answer(true) }, yes)
      )
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
