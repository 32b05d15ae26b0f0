/** One task and its notebook: what leads elsewhere is neither offered nor done, and nobody leaves by accident. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CommandRegistry } from '@lumino/commands';

import { FATES, fateOf } from './commands';
import { room } from './config';
import { leaving } from './leaving';
import { Line } from './line';
import { ILine } from './tokens';

/** Takes away every command that the table does not leave. */
export function lock(commands: CommandRegistry): void {
  const is = {
    visible: commands.isVisible.bind(commands),
    enabled: commands.isEnabled.bind(commands),
    execute: commands.execute.bind(commands)
  };
  commands.isVisible = (id, args) => fateOf(id) === 'shown' && is.visible(id, args);
  commands.isEnabled = (id, args) => fateOf(id) !== 'removed' && is.enabled(id, args);
  commands.execute = (id, args) =>
    fateOf(id) === 'removed'
      ? Promise.reject(new Error(`${id} was refused: a room has one notebook and one kernel`))
      : is.execute(id, args);
}

/** What the table and JupyterLab do not both know; a test holds this to be nothing. */
function compare(commands: CommandRegistry): void {
  const registered = new Set(commands.listCommands());
  const unknown = [...registered].filter(id => !FATES.has(id) && fateOf(id) === 'removed');
  // One command a language, registered when the server has said which ones there are.
  const gone = [...FATES.keys()].filter(id => !registered.has(id) && !id.startsWith('jupyterlab-translation:'));
  if (unknown.length + gone.length > 0) {
    console.warn(`commands: not in the table: ${unknown.join(' ')}; not registered: ${gone.join(' ')}`);
  }
}

export const lockdownPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:lockdown',
  autoStart: true,
  requires: [ILine],
  activate: (app: JupyterFrontEnd, line: Line) => {
    lock(app.commands);
    void app.restored.then(() => compare(app.commands));
    // The browser asks in its own words; what is typed is safe either way, but time runs on outside.
    window.addEventListener('beforeunload', event => {
      if (room.seat === 'candidate' && line.state === 'live' && !leaving.now) {
        event.preventDefault();
      }
    });
  }
};
