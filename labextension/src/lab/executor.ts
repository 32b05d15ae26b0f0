/** Cells are run by the service: the page names the cell, and sees the outputs come into the document. */

import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MarkdownCell } from '@jupyterlab/cells';
import { INotebookCellExecutor } from '@jupyterlab/notebook';

import { RoomDrive } from './drive';
import { IRoom } from './tokens';

export const executorPlugin: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: '@greenroom/lab:executor',
  provides: INotebookCellExecutor,
  requires: [IRoom],
  activate: (_app, drive: RoomDrive) => ({
    runCell: async ({ cell, onCellExecuted, onCellExecutionScheduled }) => {
      if (cell instanceof MarkdownCell) {
        cell.rendered = true;
        cell.inputHidden = false;
        onCellExecuted({ cell, success: true });
        return true;
      }
      if (cell.model.type !== 'code' || drive.provider === null) {
        return true;
      }
      onCellExecutionScheduled({ cell });
      const success = (await drive.provider.run(cell.model.sharedModel.getId())) === 'ok';
      onCellExecuted({ cell, success });
      return success;
    }
  })
};
