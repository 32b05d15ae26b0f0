/** The call in the room: its place beside the notebook, over which it floats while somebody is in it. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import { MountedCall, mountCall } from '../call';
import { h } from '../pages/dom';
import { room } from './config';
import { Line } from './line';
import { ILine } from './tokens';

const icon = new LabIcon({
  name: 'greenroom:call',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" d="M3 6h12a1 1 0 0 1 1 1v3.5l5-3v9l-5-3V17a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1z"/></svg>'
});

class CallPanel extends Widget {
  constructor(line: Line) {
    super({ node: h('section', { 'aria-label': 'Call' }) });
    this.id = 'greenroom-call';
    this.addClass('gr-panel');
    this.title.icon = icon;
    this.title.caption = 'Call';
    const place = h('div');
    this.node.append(h('h2', null, 'See and hear each other'), place);
    this.mounted = mountCall(place, {
      session: room.session,
      seat: room.seat,
      me: room.me.username,
      path: room.paths.call
    });
    line.listen(event => this.mounted.call.hear(event));
  }

  dispose(): void {
    this.mounted.dispose();
    super.dispose();
  }

  private readonly mounted: MountedCall;
}

export const callPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:call',
  autoStart: true,
  requires: [ILine],
  activate: (app: JupyterFrontEnd, line: Line) => {
    if (room.policy.call || room.policy.looks) {
      app.shell.add(new CallPanel(line), 'right', { rank: 3 });
    }
  }
};
