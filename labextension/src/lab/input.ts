/** A cell's `input()`, asked below the cell itself, for whoever may answer. Nobody's keyboard is taken away. */

import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { h } from '../pages/dom';
import { Ask } from '../wire/messages';
import { RoomDrive } from './drive';
import { Provider } from './provider';
import { IRoom } from './tokens';

class Question {
  constructor(
    host: HTMLElement,
    readonly ask: Ask,
    mine: boolean,
    answer: (value: string) => void
  ) {
    const send = (event: Event): void => {
      event.preventDefault();
      answer(field.value);
    };
    const id = `greenroom-${ask.prompt}`;
    const field: HTMLInputElement = h('input', {
      id,
      type: ask.password ? 'password' : 'text',
      autocomplete: 'off',
      spellcheck: 'false'
    });
    this.node = h(
      'form',
      { class: 'gr-question', onsubmit: send },
      h('label', { for: id }, ask.text || 'The program asks for input:'),
      field,
      h('button', { type: 'submit', class: 'gr-button' }, 'Answer')
    );
    // The notebook's shortcuts are not meant for what is typed here.
    this.node.addEventListener('keydown', event => event.stopPropagation());
    host.append(this.node);
    if (mine && !document.activeElement?.closest('.cm-content, input, textarea')) {
      field.focus();
    }
    this.node.scrollIntoView({ block: 'nearest' });
  }

  close(): void {
    this.node.remove();
  }

  private readonly node: HTMLElement;
}

export const inputPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:input',
  autoStart: true,
  requires: [IRoom, INotebookTracker],
  activate: (_app, drive: RoomDrive, tracker: INotebookTracker) => {
    let open: Question | null = null;
    const hear = (provider: Provider, ask: Ask): void => {
      if (open !== null && (ask.text === null ? open.ask.prompt === ask.prompt : true)) {
        open.close();
        open = null;
      }
      const cell = tracker.currentWidget?.content.widgets.find(one => one.model.sharedModel.getId() === ask.cell);
      const host = cell?.node ?? tracker.currentWidget?.content.node;
      if (ask.text !== null && host) {
        open = new Question(host, ask, provider.asked.has(ask.cell), value => provider.reply(ask.prompt, value));
      }
    };
    drive.opened.connect((_, provider) => {
      provider.noticed.connect((_sender, notice) => {
        if (notice.type === 'ask') {
          hear(provider, notice);
        }
      });
      provider.changed.connect((_sender, { connected }) => {
        if (!connected) {
          open?.close();
          open = null;
        }
      });
    });
  }
};
