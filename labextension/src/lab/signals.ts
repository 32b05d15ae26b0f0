/** What the page says about itself: whether it fills the screen, is visible, and has the keyboard. */

import { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { Observer } from '../camera/observer';
import { table } from '../camera/table';
import { reports } from './config';
import { Line } from './line';
import { ILine } from './tokens';

const LOOK = 250; // milliseconds between two looks; a change that has an event is looked at once
const OURS = ['fullscreen', 'visibility', 'focus'];

export const signalsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:signals',
  autoStart: true,
  requires: [ILine],
  activate: (_app, line: Line) => {
    const rules = table.rules.filter(rule => OURS.includes(rule.signal) && reports(rule.signal));
    if (rules.length === 0) {
      return;
    }
    const observer = new Observer(rules, observation => line.observe(observation));
    const look = (): void => observer.look({ t: line.time(), reading: reading(), quality: 1 });
    window.setInterval(look, LOOK);
    for (const event of ['visibilitychange', 'fullscreenchange']) {
      document.addEventListener(event, look);
    }
    window.addEventListener('blur', look);
    window.addEventListener('focus', look);
  }
};

const reading = (): Record<string, number | null> => ({
  fullscreen: document.fullscreenEnabled ? Number(document.fullscreenElement !== null) : null,
  visible: Number(!document.hidden),
  focused: Number(document.hasFocus())
});
