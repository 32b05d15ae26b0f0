/** A link to hand on: shown whole, copied by one button. */

import { h } from './dom';

const SHOWN = 2000; // milliseconds the button says "Copied"

export function copyable(label: string, url: string): HTMLElement {
  const field: HTMLInputElement = h('input', {
    readonly: true,
    value: url,
    'aria-label': label,
    class: 'url',
    onfocus: (): void => field.select()
  });
  const button: HTMLButtonElement = h('button', { type: 'button', onclick: () => void copy() }, 'Copy');
  const copy = async (): Promise<void> => {
    field.select();
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      document.execCommand('copy'); // without https there is no other way
    }
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = 'Copy'), SHOWN);
  };
  return h('div', { class: 'copyable' }, field, button);
}
