/** Company in the room: messages, comments on cells, a raised hand, and following where somebody works. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import { call, said } from '../pages/api';
import { h, replace } from '../pages/dom';
import { second } from '../pages/time';
import { Person, Remark } from '../wire/messages';
import { CellPlaces } from './cell-places';
import { room } from './config';
import { RoomDrive } from './drive';
import { Follow } from './follow';
import { Line } from './line';
import { ILine, IRoom } from './tokens';

const PREFIX = room.paths.api.replace(/api\/v1\/.*$/, '');
const SESSION = `sessions/${room.session}`;
const SAID = 6000; // milliseconds that a new message is shown where the eyes are

const icon = new LabIcon({
  name: 'greenroom:talk',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" d="M4 4h16v12H8l-4 4z"/></svg>'
});

interface Talked {
  remarks: Remark[];
  hands: string[];
  why_not: string | null;
}

class Talk extends Widget {
  constructor(
    private readonly line: Line,
    private readonly places: CellPlaces,
    private readonly follow: Follow
  ) {
    super({ node: h('section', { 'aria-label': 'Messages' }) });
    this.id = 'greenroom-talk';
    this.addClass('gr-panel');
    this.title.icon = icon;
    this.title.caption = 'Messages';
    this.node.append(
      h('h2', null, 'People'),
      this.people,
      this.hand,
      h('h2', null, 'Messages'),
      this.log,
      this.form,
      this.why
    );
    this.hand.hidden = room.seat === 'observer';
    line.remarked.connect((_, remark) => this.came(remark));
    line.changed.connect(() => this.draw());
    follow.changed.connect(() => this.draw());
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const talked = await call<Talked>(PREFIX, 'GET', `${SESSION}/remarks`);
      this.line.hands = talked.hands;
      this.form.hidden = talked.why_not !== null;
      this.why.textContent = talked.why_not === null ? '' : `You cannot write here: ${talked.why_not}.`;
      talked.remarks.forEach(one => this.remarks.set(one.n, one));
      this.draw();
    } catch (error) {
      this.why.textContent = `Messages could not be loaded: ${said(error)}`;
    }
  }

  private came(remark: Remark): void {
    const mine = this.sent.delete(remark.text ?? '');
    const known = this.remarks.has(remark.n);
    this.remarks.set(remark.n, remark);
    this.draw();
    if (!mine && !known && !this.isVisible) {
      Notification.info(`${remark.author}: ${remark.text ?? ''}`, { autoClose: SAID });
    }
  }

  private draw(): void {
    const settled = [...this.remarks.values()].map(({ n, resolved }) => [n, resolved]);
    const drawn = JSON.stringify([this.line.people, this.line.hands, this.follow.whom, settled]);
    if (drawn === this.drawn) {
      return; // a screen reader would read it all again
    }
    this.drawn = drawn;
    replace(
      this.people,
      this.line.people.map(one => this.person(one))
    );
    const up = this.line.hands.includes(room.me.username);
    this.hand.setAttribute('aria-pressed', String(up));
    this.hand.textContent = up ? 'Take your hand down' : 'Raise your hand';
    const shown = [...this.remarks.values()].sort((one, other) => one.n - other.n);
    for (const one of shown) {
      this.put(one);
    }
    this.places.mark(shown.flatMap(({ cell, resolved }) => (resolved === null && cell) || []));
  }

  /** Adds a message; one that stands there already is touched only where it changed. */
  private put(one: Remark): void {
    const there = this.log.querySelector<HTMLElement>(`[data-n="${one.n}"]`);
    const made = this.remark(one);
    if (there === null) {
      this.log.append(made);
      made.scrollIntoView?.({ block: 'nearest' });
    } else if (there.dataset.resolved !== made.dataset.resolved) {
      const focused = there.contains(document.activeElement);
      there.replaceWith(made);
      if (focused) {
        made.querySelector<HTMLElement>('.gr-settle')?.focus();
      }
    }
  }

  private person(one: Person): HTMLElement {
    const name = one.display_name || one.name;
    const followed = this.follow.whom === one.name;
    const toggle = h(
      'button',
      {
        type: 'button',
        class: 'gr-button',
        'aria-pressed': String(followed),
        'aria-label': followed ? `Stop following ${name}` : `Follow ${name}`,
        onclick: () => this.follow.toggle(one.name)
      },
      followed ? 'Stop' : 'Follow'
    );
    const raised = this.line.hands.includes(one.name) && h('strong', { class: 'gr-raised' }, ' has raised a hand');
    return h(
      'li',
      null,
      h('span', null, name, raised),
      one.name === room.me.username ? h('small', null, 'You') : toggle
    );
  }

  private remark({ n, at, author, cell, text, resolved }: Remark): HTMLElement {
    const where = cell !== null && this.places.button(cell);
    const head = h('div', null, h('strong', null, author), ' ', h('time', null, second(at)), ' ', where);
    const said = h('p', null, text ?? 'This message was erased.');
    return h(
      'li',
      { 'data-n': String(n), 'data-resolved': resolved ?? '' },
      head,
      said,
      cell !== null && this.standing(n, resolved)
    );
  }

  private standing(n: number, resolved: string | null): HTMLElement {
    const word = resolved === null ? 'Resolve' : 'Open again';
    const button = h(
      'button',
      { type: 'button', class: 'gr-link gr-settle', onclick: () => void this.settle(n, resolved === null) },
      word
    );
    return h(
      'div',
      { class: 'gr-soft' },
      resolved !== null && `Resolved by ${resolved} `,
      this.form.hidden ? false : button
    );
  }

  private async settle(n: number, resolved: boolean): Promise<void> {
    try {
      await call(PREFIX, 'POST', `${SESSION}/remarks/${n}/resolution`, { resolved });
      this.why.textContent = '';
    } catch (error) {
      this.why.textContent = `The comment stays as it is: ${said(error)}`;
    }
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    const text = this.field.value.trim();
    if (text === '') {
      return;
    }
    const cell = this.about.checked ? this.places.active() : null;
    this.sent.add(text);
    this.field.value = '';
    try {
      await call(PREFIX, 'POST', `${SESSION}/remarks`, { text, cell });
      this.why.textContent = '';
    } catch (error) {
      this.field.value = text;
      this.why.textContent = `It was not sent: ${said(error)}`;
    }
  }

  private async raise(): Promise<void> {
    try {
      await call(PREFIX, 'POST', `${SESSION}/hand`, { up: !this.line.hands.includes(room.me.username) });
    } catch (error) {
      this.why.textContent = `Your hand was not seen: ${said(error)}`;
    }
  }

  private drawn = '';
  private readonly remarks = new Map<number, Remark>();
  private readonly sent = new Set<string>();
  private readonly people = h('ul', { class: 'gr-people' });
  private readonly hand = h('button', { type: 'button', class: 'gr-button', onclick: () => void this.raise() });
  private readonly log = h('ol', { class: 'gr-log', role: 'log', 'aria-label': 'Messages', tabindex: 0 });
  private readonly field = h('textarea', { id: 'gr-say', rows: 2, maxlength: 2000 });
  private readonly about: HTMLInputElement = h('input', { type: 'checkbox' });
  private readonly why = h('p', { class: 'gr-soft', role: 'status' });
  private readonly form = h(
    'form',
    { class: 'gr-say', onsubmit: (event: Event) => void this.send(event) },
    h('label', { for: 'gr-say' }, 'Message to everybody here'),
    this.field,
    h('label', null, this.about, ' About the selected cell'),
    h('button', { type: 'submit', class: 'gr-button' }, 'Send')
  );
}

export const talkPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:talk',
  autoStart: true,
  requires: [IRoom, ILine, INotebookTracker],
  activate: (app: JupyterFrontEnd, drive: RoomDrive, line: Line, tracker: INotebookTracker) => {
    const places = new CellPlaces(tracker);
    app.shell.add(new Talk(line, places, new Follow(drive, places)), 'right', { rank: 2 });
  }
};
