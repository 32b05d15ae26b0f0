/** The room's one document: opened at the start, never closed, never dirty, loaded anew when the service asks for it. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

import { room } from './config';
import { RoomDrive } from './drive';
import { leave } from './leaving';
import { distrust } from './speech';
import { IRoom } from './tokens';

/** The drive alone: the executor needs it before there is a notebook tracker. */
export const drivePlugin: JupyterFrontEndPlugin<RoomDrive> = {
  id: '@greenroom/lab:drive',
  provides: IRoom,
  activate: (app: JupyterFrontEnd) => {
    const { contents, user, serverSettings } = app.serviceManager;
    const drive = new RoomDrive(user, serverSettings);
    contents.addDrive(drive);
    return drive;
  }
};

export const documentPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:document',
  autoStart: true,
  requires: [IRoom, IDocumentManager, IEditorExtensionRegistry, INotebookTracker, IRenderMimeRegistry],
  activate: (
    app: JupyterFrontEnd,
    drive: RoomDrive,
    docs: IDocumentManager,
    editors: IEditorExtensionRegistry,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry
  ) => {
    distrust(rendermime); // before there is a notebook
    const open = (): void => {
      const widget = docs.openOrReveal(room.notebook.path, 'Notebook');
      if (widget) {
        widget.title.closable = false;
      }
    };
    drive.opened.connect((_, provider) => {
      provider.noticed.connect((_sender, notice) => {
        if (notice.type === 'document_refused') {
          const widget = docs.findWidget(room.notebook.path, 'Notebook');
          widget?.dispose();
          open();
          Notification.info(notice.why, { autoClose: 6000 });
        }
      });
      provider.closed.connect(() => leave(room.paths.exit));
    });
    tracker.widgetAdded.connect((_, panel) => {
      // A kernel that died is told in the status line, and comes back by itself. JupyterLab's dialog about it would take
      // the keyboard: even one that is closed at once puts the caret elsewhere.
      panel.sessionContext.statusChanged.disconnect(panel['_onSessionStatusChanged'], panel);
      panel.context.model.stateChanged.connect((model, change) => {
        if (change.name === 'dirty' && model.dirty) {
          model.dirty = false; // the log is the storage: there is nothing to save
        }
      });
    });
    if (room.seat === 'observer') {
      const readOnly = [EditorState.readOnly.of(true), EditorView.editable.of(false)];
      editors.addExtension({
        name: '@greenroom/lab:read-only',
        factory: () => EditorExtensionRegistry.createImmutableExtension(readOnly)
      });
    }
    void app.restored.then(open);
  }
};
