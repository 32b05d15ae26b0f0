/** No dialog over the editor when a connection is lost: the status line says it, and the document needs no Jupyter server. */

import { IConnectionLost, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog } from '@jupyterlab/apputils';

export const connectionPlugin: JupyterFrontEndPlugin<IConnectionLost> = {
  id: '@greenroom/lab:connection-lost',
  provides: IConnectionLost,
  activate: () => {
    // A kernel that died is told in the status line, and comes back by itself: its dialog would take the keyboard.
    Dialog.tracker.widgetAdded.connect((_, dialog) => {
      if (dialog.node.querySelector('.jp-Dialog-header')?.textContent === 'Kernel Restarting') {
        void Promise.resolve().then(() => dialog.reject());
      }
    });
    return async () => undefined;
  }
};
