/** Always in sight: the time left, whether everything is saved, the connection; and the way to hand in. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { call, left, OVER, Session } from '../pages/api';
import { h } from '../pages/dom';
import { duration } from '../pages/time';
import { room } from './config';
import { RoomDrive } from './drive';
import { IRoom } from './tokens';

const PREFIX = room.paths.api.replace(/api\/v1\/.*$/, '');
const PATH = `sessions/${room.session}`;
const [LOOK, SECOND] = [3000, 1000]; // milliseconds

class StatusBar extends Widget {
  constructor(drive: RoomDrive) {
    super();
    this.id = 'greenroom-status';
    this.addClass('gr-status');
    const buttons =
      room.seat === 'candidate'
        ? [h('button', { type: 'button', onclick: () => void this.handIn() }, 'Hand in')]
        : [h('a', { href: room.paths.exit }, 'To the session’s page')];
    this.node.append(this.time, this.saved, this.kernel, ...buttons);
    drive.opened.connect((_, provider) => {
      provider.changed.connect((_sender, standing) => {
        this.saved.textContent = !standing.connected
          ? 'Not connected – edits are kept here'
          : standing.saved
            ? 'Saved'
            : 'Saving …';
      });
      provider.noticed.connect((_sender, notice) => {
        if (notice.type === 'kernel') {
          this.kernel.textContent = notice.text;
        } else if (notice.type === 'ask' && notice.text !== null) {
          const value = window.prompt(notice.text || 'The program asks for input');
          provider.reply(notice.prompt, value ?? '');
        }
      });
    });
    this.timers = [window.setInterval(() => void this.look(), LOOK), window.setInterval(() => this.draw(), SECOND)];
    void this.look();
  }

  dispose(): void {
    this.timers.forEach(timer => clearInterval(timer));
    super.dispose();
  }

  private async look(): Promise<void> {
    try {
      this.session = await call<Session>(PREFIX, 'GET', PATH);
    } catch {
      return; // the document's own connection says whether we are connected
    }
    this.offset = this.session.now - Date.now();
    if (OVER.has(this.session.state) && room.seat === 'candidate') {
      location.href = room.paths.exit;
    }
    this.draw();
  }

  private draw(): void {
    if (this.session === null) {
      return;
    }
    const paused = this.session.state === 'paused' ? 'Paused – ' : '';
    this.time.textContent = `${paused}${duration(left(this.session, this.offset))} left`;
  }

  private async handIn(): Promise<void> {
    const answer = await showDialog({
      title: 'Hand in now?',
      body: 'Your notebook and files are taken in as they are. You cannot change them afterwards.',
      buttons: [Dialog.cancelButton({ label: 'Go on working' }), Dialog.okButton({ label: 'Hand in' })]
    });
    if (answer.button.accept) {
      await call(PREFIX, 'POST', `${PATH}/submit`, {});
      location.href = room.paths.exit;
    }
  }

  private readonly time = h('output', { 'aria-label': 'Time left' });
  private readonly saved = h('span', { role: 'status' });
  private readonly kernel = h('span', { role: 'status' });
  private readonly timers: number[];
  private session: Session | null = null;
  private offset = 0;
}

export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:status',
  autoStart: true,
  requires: [IRoom],
  activate: (app: JupyterFrontEnd, drive: RoomDrive) => {
    app.shell.add(new StatusBar(drive), 'top', { rank: 1000 });
  }
};
