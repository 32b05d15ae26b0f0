/** The bar at the very top, always in sight: the time left, whether all is saved, the connection, and the way out. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { call, OVER, said } from '../pages/api';
import { h } from '../pages/dom';
import { duration, spoken } from '../pages/time';
import { room } from './config';
import { RoomDrive } from './drive';
import { leave } from './leaving';
import { Line } from './line';
import { OFFLINE, Saving } from './saving';
import { ILine, IRoom } from './tokens';

const PREFIX = room.paths.api.replace(/api\/v1\/.*$/, '');
const SECOND = 1000; // milliseconds
const SOON = [300, 60]; // seconds left at which the candidate is told, once each

class Header extends Widget {
  constructor(
    drive: RoomDrive,
    private readonly line: Line
  ) {
    super({ node: h('section', { 'aria-label': 'Time, saving and who is here' }) });
    this.id = 'greenroom-header';
    this.addClass('gr-header');
    const way =
      room.seat === 'candidate'
        ? this.handInButton
        : h('a', { class: 'gr-button', href: room.paths.exit }, 'To the session’s page');
    this.node.append(
      h('strong', { class: 'gr-title' }, room.title),
      this.time,
      this.saved,
      this.here,
      this.kernel,
      way
    );
    drive.opened.connect((_, provider) => {
      provider.changed.connect((_sender, standing) => this.saving.stand(standing));
      provider.noticed.connect((_sender, notice) => {
        if (notice.type === 'kernel') {
          this.kernel.textContent = notice.text;
        }
      });
    });
    line.changed.connect(() => this.draw());
    line.ended.connect(() => leave(room.paths.exit));
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.timer = window.setInterval(() => this.draw(), SECOND);
    this.draw();
  }

  protected onBeforeDetach(message: Message): void {
    window.clearInterval(this.timer);
    this.saving.dispose();
    super.onBeforeDetach(message);
  }

  private draw(): void {
    if (OVER.has(this.line.state) && room.seat === 'candidate') {
      leave(room.paths.exit);
    }
    const names = this.line.people.map(one => one.display_name || one.name);
    this.here.textContent = this.line.connected ? `Here: ${names.join(', ')}` : '';
    this.here.title = names.join(', ');
    const left = this.line.left();
    if (left === null) {
      return;
    }
    const state = { paused: 'Paused – ', lobby: 'Not begun – ', scheduled: 'Not begun – ' }[this.line.state as string];
    this.time.textContent = OVER.has(this.line.state) ? 'Over' : `${state ?? ''}${duration(left)} left`;
    this.time.dataset.tone = this.line.state === 'live' && left <= SOON[0] ? 'soon' : '';
    this.handInButton.disabled = this.line.state !== 'live';
    this.remind(left);
  }

  private remind(left: number): void {
    const mark = SOON.find(seconds => left <= seconds && left > seconds - 5);
    if (mark !== undefined && mark < this.reminded && this.line.state === 'live') {
      this.reminded = mark;
      const text = `${spoken(mark)} left. When the time is over, your work is handed in as it stands.`;
      Notification.info(text, { autoClose: 10_000 });
    }
  }

  private say(word: string): void {
    this.saved.dataset.tone = word === OFFLINE ? 'bad' : '';
    this.saved.textContent = word;
  }

  private async handIn(): Promise<void> {
    const answer = await showDialog({
      title: 'Hand in now?',
      body: 'Your notebook and files are taken in as they are. You cannot change them afterwards.',
      buttons: [Dialog.cancelButton({ label: 'Go on working' }), Dialog.okButton({ label: 'Hand in' })]
    });
    if (!answer.button.accept) {
      return;
    }
    this.handInButton.textContent = 'Handing in …';
    this.handInButton.disabled = true;
    try {
      await call(PREFIX, 'POST', `sessions/${room.session}/submit`, {});
      leave(room.paths.exit);
    } catch (error) {
      this.handInButton.textContent = 'Hand in';
      Notification.error(`It was not handed in. ${said(error)}`, { autoClose: false });
    }
  }

  private readonly time = h('output', { class: 'gr-time', 'aria-label': 'Time left' });
  private readonly saved = h('span', { class: 'gr-saved', role: 'status' });
  private readonly here = h('span', { class: 'gr-here' });
  private readonly kernel = h('span', { class: 'gr-kernel', role: 'status' });
  private readonly handInButton = h(
    'button',
    { type: 'button', class: 'gr-button gr-main', onclick: () => void this.handIn() },
    'Hand in'
  );
  private readonly saving = new Saving(word => this.say(word));
  private timer = 0;
  private reminded = Infinity;
}

export const headerPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:header',
  autoStart: true,
  requires: [IRoom, ILine],
  activate: (app: JupyterFrontEnd, drive: RoomDrive, line: Line) => {
    app.shell.add(new Header(drive, line), 'header', { rank: 1 });
  }
};
