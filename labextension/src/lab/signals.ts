/**
 * What the page says about itself: whether it fills the screen, is visible, has the keyboard, is the only one of its
 * seat, whether there is a second screen, and whether the service answers. What other parts of the page notice goes
 * the same way, by `happened`.
 */

import { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { freshId, Observer } from '../camera/observer';
import { Reading } from '../camera/rule';
import { table } from '../camera/table';
import { Kind } from '../wire/messages';
import { reports, room } from './config';
import { Line } from './line';
import { FirstTab } from './tab';
import { ILine, ISignals } from './tokens';

const LOOK = 250; // milliseconds between two looks; a change that has an event is looked at once
const OURS = ['fullscreen', 'visibility', 'focus', 'screen', 'network'];
const LARGEST = 10_000_000; // characters; the wire takes no larger number

export class Signals {
  constructor(private readonly line: Line) {
    const rules = table.rules.filter(rule => OURS.includes(rule.signal) && reports(rule.signal));
    if (rules.length === 0) {
      return;
    }
    const observer = new Observer(rules, observation => line.observe(observation));
    const look = (): void => observer.look({ t: line.time(), reading: this.reading(), quality: 1 });
    window.setInterval(look, LOOK);
    for (const event of ['visibilitychange', 'fullscreenchange']) {
      document.addEventListener(event, look);
    }
    window.addEventListener('blur', look);
    window.addEventListener('focus', look);
    line.changed.connect(look);
  }

  /** Something came in at once; `size` in characters. It is told when the policy has its signal and the table its size. */
  happened(kind: Kind, size: number): void {
    const moment = table.moments.find(one => one.kind === kind);
    if (!moment || !reports(moment.signal) || size < moment.least) {
      return;
    }
    const t = this.line.time();
    this.line.observe({
      id: freshId(),
      signal: moment.signal,
      kind,
      start: t,
      end: t,
      confidence: 1,
      quality: 1,
      size: Math.min(size, LARGEST),
      by: 'editor'
    });
  }

  private reading(): Reading {
    this.reached ||= this.line.connected;
    return {
      fullscreen: document.fullscreenEnabled ? Number(document.fullscreenElement !== null) : null,
      visible: Number(!document.hidden),
      focused: Number(document.hasFocus()),
      screens: screens(),
      first_tab: this.tab.first,
      connected: this.reached ? Number(this.line.connected) : null
    };
  }

  private reached = false; // before the first welcome nothing can have been lost
  private readonly tab = new FirstTab(room.session);
}

/** Chrome and Edge tell whether there is more than one; other browsers tell nothing, and nothing is concluded. */
function screens(): number | null {
  const { isExtended } = window.screen as Screen & { isExtended?: boolean };
  return isExtended === undefined ? null : isExtended ? 2 : 1;
}

export const signalsPlugin: JupyterFrontEndPlugin<Signals> = {
  id: '@greenroom/lab:signals',
  autoStart: true,
  provides: ISignals,
  requires: [ILine],
  activate: (_app, line: Line) => new Signals(line)
};
