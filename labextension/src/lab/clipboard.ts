/** Text that comes in from outside: recognised, noted with its size, and kept out when the policy refuses it. */

import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { EditorState, Transaction } from '@codemirror/state';

import { Kind } from '../wire/messages';
import { room } from './config';
import { Copies, fingerprint, inserted } from './copies';
import { Signals } from './signals';
import { ISignals } from './tokens';

const BULK = 40; // characters at once without a paste; rules.json has the number and why
const KEY = `greenroom-copies-${room.session}`;
const SAID = 6000; // milliseconds that a sentence stays
const refused = room.policy.paste === 'refused';

class Gate {
  constructor(
    private readonly signals: Signals,
    private readonly tracker: INotebookTracker
  ) {
    for (const event of ['copy', 'cut']) {
      window.addEventListener(event, one => this.copied(one as ClipboardEvent));
    }
    window.addEventListener('dragstart', event => this.dragged(event));
    window.addEventListener('paste', event => this.came(event, event.clipboardData, 'external_paste'), true);
    window.addEventListener('drop', event => this.came(event, event.dataTransfer, 'external_drop'), true);
  }

  /** A transaction that brings much in at once, by whatever way: an input method, a program that types. */
  readonly filter = (transaction: Transaction): boolean => {
    if (!transaction.isUserEvent('input') || transaction.isUserEvent('input.paste')) {
      return true; // what is pasted or dropped has passed the gate already
    }
    const text = inserted(transaction);
    if (transaction.isUserEvent('input.drop') || text.length < BULK || this.own(text)) {
      return true;
    }
    return this.judge('bulk_insert', text.length);
  };

  private copied(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text/plain') || String(document.getSelection());
    this.copies.add(text);
    sessionStorage.setItem(KEY, JSON.stringify(this.copies.kept));
  }

  private dragged(event: DragEvent): void {
    this.copies.add(event.dataTransfer?.getData('text/plain') || String(document.getSelection()));
  }

  private came(event: ClipboardEvent | DragEvent, data: DataTransfer | null, kind: Kind): void {
    const inNotebook = (event.target as Element | null)?.closest?.('.jp-Notebook, .cm-editor');
    const text = data?.getData('text/plain') ?? '';
    const files = [...(data?.files ?? [])].reduce((sum, file) => sum + file.size, 0);
    if (!inNotebook || inNotebook.closest('.gr-question') || (text === '' && files === 0) || this.own(text, files)) {
      return;
    }
    if (!this.judge(kind, Math.max(text.length, files))) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }

  /** Whether it may come in. It is noted either way. */
  private judge(kind: Kind, size: number): boolean {
    this.signals.happened(kind, size);
    if (refused) {
      const text = 'Text from outside is not let into this notebook. What you copy in it, you can paste in it.';
      Notification.warning(text, { autoClose: SAID });
    }
    return !refused;
  }

  /** Copied here, or to be read here: whoever selects it once more has it as well. */
  private own(text: string, files = 0): boolean {
    return files === 0 && (this.copies.has(text) || fingerprint(this.everything()).includes(fingerprint(text)));
  }

  private everything(): string {
    const cells = this.tracker.currentWidget?.content.model?.sharedModel.cells ?? [];
    return cells.map(cell => `${cell.getSource()}\n${JSON.stringify(cell.toJSON().outputs ?? '')}`).join('\n');
  }

  private readonly copies = new Copies(JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as string[]);
}

export const clipboardPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:clipboard',
  autoStart: true,
  requires: [ISignals, INotebookTracker, IEditorExtensionRegistry],
  activate: (_app, signals: Signals, tracker: INotebookTracker, editors: IEditorExtensionRegistry) => {
    if (room.seat !== 'candidate' || room.policy.paste === 'allowed') {
      return;
    }
    const gate = new Gate(signals, tracker);
    const extension = EditorState.changeFilter.of(transaction => gate.filter(transaction));
    editors.addExtension({
      name: '@greenroom/lab:clipboard',
      factory: () => EditorExtensionRegistry.createImmutableExtension(extension)
    });
  }
};
