/** The interviewer's side of the room: time and controls, the next task, locks, private notes, scorecard, brief. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import { brief } from '../interview/brief';
import { Notes } from '../interview/notes';
import { Scorecard } from '../interview/scorecard';
import { Brief, Task } from '../interview/shapes';
import { call, said, Session } from '../pages/api';
import { sure } from '../pages/dialog';
import { h, replace } from '../pages/dom';
import { duration } from '../pages/time';
import { STEPS, stateInWords, Step } from '../pages/words';
import { CellPlaces } from './cell-places';
import { room } from './config';
import { Line } from './line';
import { ILine } from './tokens';

const PREFIX = room.paths.api.replace(/api\/v1\/.*$/, '');
const SESSION = `sessions/${room.session}`;
const SECOND = 1000; // milliseconds

const icon = new LabIcon({
  name: 'greenroom:lead',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" d="M5 3h14v18H5zm2 2v14h10V5zm2 3h6v2H9zm0 4h6v2H9z"/></svg>'
});

class Lead extends Widget {
  constructor(
    private readonly line: Line,
    private readonly places: CellPlaces
  ) {
    super({ node: h('section', { 'aria-label': 'Interview' }) });
    this.id = 'greenroom-lead';
    this.addClass('gr-panel');
    this.title.icon = icon;
    this.title.caption = 'Interview';
    const notes = new Notes(PREFIX, room.session, places);
    this.node.append(
      h('h2', null, 'Time'),
      this.clock,
      this.controls,
      this.status,
      h('h2', null, 'The selected cell'),
      this.lockButton,
      this.tasks,
      h('h2', null, 'Private notes'),
      notes.node,
      this.rest
    );
    line.changed.connect(() => this.draw());
    places.onMark(() => this.drawLock());
    void this.load(notes);
  }

  protected onAfterAttach(): void {
    this.timer = window.setInterval(() => this.tick(), SECOND);
    this.draw();
  }

  protected onBeforeDetach(): void {
    window.clearInterval(this.timer);
  }

  private async load(notes: Notes): Promise<void> {
    try {
      const found = await call<Brief>(PREFIX, 'GET', `${SESSION}/brief`);
      const card = new Scorecard(PREFIX, room.session, found.rubric, () => void notes.read());
      replace(this.rest, h('h2', null, 'Scorecard'), card.node, h('h2', null, 'About the task'), brief(found));
      this.offerTasks(found.tasks);
    } catch (error) {
      replace(this.rest, h('p', { role: 'status' }, `The brief could not be read. ${said(error)}`));
    }
  }

  private offerTasks(tasks: Task[]): void {
    replace(
      this.tasks,
      tasks.length > 0 && h('h2', null, 'Next task'),
      tasks.map(task => {
        const label = task.pushed ? `“${task.title}” is in the notebook` : `Push “${task.title}”`;
        const press = (): void =>
          void this.during(button, `tasks/${task.name}`, {}, () => {
            task.pushed = true;
            this.offerTasks(tasks);
          });
        const button = h(
          'button',
          { type: 'button', class: 'gr-button', disabled: task.pushed, onclick: press },
          label
        );
        return h('p', null, button);
      })
    );
  }

  private async during(button: HTMLButtonElement, path: string, body: unknown, then: () => void): Promise<void> {
    button.disabled = true;
    this.status.textContent = '';
    try {
      await call(PREFIX, 'POST', `${SESSION}/${path}`, body);
      then();
    } catch (error) {
      this.status.textContent = said(error);
    } finally {
      button.disabled = false;
      this.drawLock();
    }
  }

  /** What the state allows is asked of the service, which knows. */
  private draw(): void {
    this.tick();
    if (this.drawn !== this.line.state) {
      this.drawn = this.line.state;
      void this.offer();
    }
    this.drawLock();
  }

  private async offer(): Promise<void> {
    try {
      const session = await call<Session>(PREFIX, 'GET', SESSION);
      const offered = STEPS.filter(step => session.actions.includes(step.action));
      replace(
        this.controls,
        offered.map(step => this.button(step, session))
      );
    } catch (error) {
      this.drawn = '';
      this.status.textContent = said(error);
    }
  }

  private button(step: Step, session: Session): HTMLElement {
    const press = async (): Promise<void> => {
      if (step.follows && !(await sure(`${step.label}?`, step.follows(session), step.label))) {
        return;
      }
      await this.during(button, step.path, step.body ?? {}, () => (this.status.textContent = `${step.label}: done.`));
    };
    const button = h('button', { type: 'button', class: 'gr-button', onclick: () => void press() }, step.label);
    return button;
  }

  private tick(): void {
    const left = this.line.left();
    this.clock.textContent = `${stateInWords(this.line.state)}${left === null ? '' : ` · ${duration(left)} left`}`;
  }

  private drawLock(): void {
    const cell = this.places.active();
    const locked = cell !== null && this.places.locked(cell);
    this.lockButton.disabled = cell === null;
    this.lockButton.textContent = locked ? 'Unlock this cell' : 'Lock this cell';
    this.lockButton.setAttribute('aria-pressed', String(locked));
  }

  private lock(): void {
    const cell = this.places.active();
    if (cell !== null) {
      const locked = !this.places.locked(cell);
      const told = locked ? 'Locked: nobody changes this cell.' : 'Unlocked.';
      void this.during(this.lockButton, `cells/${cell}/lock`, { locked }, () => (this.status.textContent = told));
    }
  }

  private drawn = '';
  private timer = 0;
  private readonly clock = h('p', { class: 'gr-lead-clock', role: 'timer', 'aria-label': 'Time left' });
  private readonly controls = h('div', { class: 'gr-lead-row' });
  private readonly status = h('p', { class: 'gr-soft', role: 'status' });
  private readonly lockButton: HTMLButtonElement = h(
    'button',
    { type: 'button', class: 'gr-button', onclick: () => this.lock() },
    'Lock this cell'
  );
  private readonly tasks = h('div');
  private readonly rest = h('div', null, h('p', { class: 'gr-soft' }, 'Reading …'));
}

export const leadPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:lead',
  autoStart: true,
  requires: [ILine, INotebookTracker],
  activate: (app: JupyterFrontEnd, line: Line, tracker: INotebookTracker) => {
    const places = new CellPlaces(tracker);
    if (room.seat === 'interviewer') {
      app.shell.add(new Lead(line, places), 'right', { rank: 3 });
    }
    line.added.connect((_, { title, cell }) => {
      if (room.seat === 'interviewer') {
        return; // who pushed it knows, and colleagues see it on the panel
      }
      const show = { label: 'Show it', callback: () => void places.show(cell) };
      Notification.info(`A new task is at the end of the notebook: ${title}`, { autoClose: false, actions: [show] });
    });
  }
};
