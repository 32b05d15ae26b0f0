/** No dialog over the editor when a connection is lost: the status line says it, and the document needs no Jupyter server. */

import { IConnectionLost, JupyterFrontEndPlugin } from '@jupyterlab/application';

export const connectionPlugin: JupyterFrontEndPlugin<IConnectionLost> = {
  id: '@greenroom/lab:connection-lost',
  provides: IConnectionLost,
  activate: () => async () => undefined
};
