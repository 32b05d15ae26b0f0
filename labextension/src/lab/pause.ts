/** A pause: the candidate's editors are read only while it lasts, and what was on its way when it began is not lost. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { EditorState, Transaction } from '@codemirror/state';

import { room } from './config';
import { RoomDrive } from './drive';
import { Line } from './line';
import { ILine, IRoom } from './tokens';

const SHOWN = 6000; // milliseconds
const PAUSED = 'The session is paused. You can read; writing goes on when the session does.';

export const pausePlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:pause',
  autoStart: true,
  requires: [IRoom, ILine, IEditorExtensionRegistry],
  activate: (_app: JupyterFrontEnd, drive: RoomDrive, line: Line, editors: IEditorExtensionRegistry) => {
    if (room.seat !== 'candidate') {
      return;
    }
    let told = false;
    const tell = (): void => {
      if (!told) {
        told = true;
        Notification.info(PAUSED, { autoClose: SHOWN });
      }
    };
    line.changed.connect(() => {
      drive.hold(line.state === 'paused');
      told &&= drive.held;
    });
    // What others write comes without a user's event, and goes on.
    const typed = (change: Transaction): boolean =>
      change.docChanged && change.annotation(Transaction.userEvent) !== undefined;
    const filter = EditorState.transactionFilter.of(change => {
      if (!drive.held || !typed(change)) {
        return change;
      }
      tell();
      return [];
    });
    editors.addExtension({
      name: '@greenroom/lab:pause',
      factory: () => EditorExtensionRegistry.createImmutableExtension(filter)
    });
  }
};
