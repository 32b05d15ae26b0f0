/** Fullscreen: asked for at the start and asked back when it was left, with what follows if not. It takes no key. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { table } from '../camera/table';
import { said } from '../pages/api';
import { h, replace } from '../pages/dom';
import { spoken } from '../pages/time';
import { reports, room } from './config';

class Ask extends Widget {
  constructor() {
    super({ node: h('section', { 'aria-label': 'Fullscreen' }) });
    this.id = 'greenroom-fullscreen';
    this.addClass('gr-ask');
    this.node.append(this.text, this.button);
    for (const event of ['fullscreenchange', 'fullscreenerror']) {
      document.addEventListener(event, this.look);
    }
    this.look();
  }

  private readonly look = (): void => {
    const filled = document.fullscreenElement !== null;
    this.had ||= filled;
    this.setHidden(filled || !document.fullscreenEnabled);
    if (!filled) {
      const start = this.had ? 'You left fullscreen.' : 'This session is held in fullscreen.';
      replace(this.text, `${start} ${FOLLOWS}`);
      this.button.textContent = this.had ? 'Back to fullscreen' : 'Go to fullscreen';
    }
  };

  private async fill(): Promise<void> {
    try {
      await document.documentElement.requestFullscreen({ navigationUI: 'hide' });
    } catch (error) {
      Notification.warning(`The browser did not go to fullscreen: ${said(error)}`, { autoClose: 8000 });
    }
  }

  private had = false;
  private readonly text = h('p', { role: 'status' });
  private readonly button = h(
    'button',
    { type: 'button', class: 'gr-button gr-fill', onclick: () => void this.fill() },
    'Go to fullscreen'
  );
}

/** What follows, as the policy and the table of rules say. */
const FOLLOWS = ((): string => {
  const rule = table.rules.find(one => one.signal === 'fullscreen');
  const after = rule ? `more than ${spoken(rule.dwell)}` : 'a while';
  const told = room.policy.signals.fullscreen === 'on' ? 'and an interviewer sees it' : 'for whoever reads the record';
  return `Being out of it for ${after} is noted, ${told}. Nothing else follows, and your work goes on.`;
})();

export const fullscreenPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:fullscreen',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    if (reports('fullscreen')) {
      app.shell.add(new Ask(), 'header', { rank: 2 });
    }
  }
};
