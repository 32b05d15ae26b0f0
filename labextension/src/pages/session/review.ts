/** After the end: the candidate's notes first, each beside what was noted; then, when their time is over, the score. */

import { call, Event, Session } from '../api';
import { Child, h, replace } from '../dom';
import { kindInWords } from '../events';
import { Note } from '../frame';
import { ANSWERS, excusedInWords } from '../meaning';
import { many, moment, second, spoken } from '../time';
import { capital } from '../words';
import { excusing } from './excuse';
import { Score, scored } from './score';
import { Incident } from '../../wire/messages';

interface Window {
  open: boolean;
  closes: number | null;
  waived: boolean;
  read: boolean;
}

interface Beside {
  incident: string;
  at: number;
}

interface Notes {
  incidents: Incident[];
  notes: (Beside & { answer: string; text: string | null })[];
  excuses: (Beside & { because: string; by: string; reason: string | null })[];
}

const LEVELS: Record<Incident['level'], string> = {
  noted: 'Noted only',
  warning: 'The candidate was told',
  flag: 'Flagged for you'
};
const WEIGHT: Record<Incident['level'], number> = { flag: 0, warning: 1, noted: 2 };
/** Facts after which what stands here is old. */
const OURS = /^(incident\..+|notes\.waived)$/;

export class Review {
  private readonly body = h('div', null, h('p', { class: 'soft' }, 'Reading …'));
  private readonly note = new Note();
  readonly node = h(
    'section',
    { class: 'panel review', id: 'review', 'aria-labelledby': 'review-title', hidden: true },
    h('h2', { id: 'review-title', tabindex: -1 }, 'Review'),
    this.note.node,
    this.body
  );

  constructor(
    private readonly prefix: string,
    private readonly session: Session,
    private readonly steers: boolean
  ) {}

  /** What is new in the record. */
  heard(events: Event[]): void {
    if (this.window !== null && events.some(one => OURS.test(one.type))) {
      void this.draw();
    }
  }

  async draw(): Promise<void> {
    await this.note.during(null, async () => {
      this.window = await this.ask<Window>('notes/window');
      // Reading them once the window is closed is a fact in the record: nothing but a press of the button does it.
      if (this.window.open || this.window.read) {
        this.notes = await this.ask<Notes>('notes');
      }
      this.redraw();
      this.arrive();
    });
  }

  /** A line in which somebody writes stays as it is. */
  private redraw(): void {
    const busy = this.body.contains(document.activeElement) && this.body.querySelector('details[open]') !== null;
    if (this.window !== null && !busy) {
      replace(this.body, standing(this.window), this.notes ? this.all(this.notes) : this.unread(), this.below());
    }
  }

  private unread(): Child {
    const read = async (): Promise<void> => {
      await this.note.during(button, async () => {
        this.notes = await this.ask<Notes>('notes');
        this.window = await this.ask<Window>('notes/window');
        this.redraw();
        this.node.querySelector<HTMLElement>('h2')?.focus();
      });
    };
    const button = h('button', { type: 'button', onclick: () => void read() }, 'Read the candidate’s notes');
    return h(
      'div',
      { class: 'row' },
      button,
      h('p', { class: 'soft' }, 'They come first. That you have read them is kept in the record, and opens the score.')
    );
  }

  private all(notes: Notes): Child {
    if (notes.incidents.length === 0) {
      return h('p', { class: 'soft' }, 'Nothing was noted.');
    }
    const groups = new Map<string, Incident[]>();
    for (const one of [...notes.incidents].sort((a, b) => WEIGHT[a.level] - WEIGHT[b.level] || a.at - b.at)) {
      groups.set(one.kind, [...(groups.get(one.kind) ?? []), one]);
    }
    return [...groups].map(([kind, some]) =>
      h(
        'section',
        { 'aria-label': kindInWords(kind) },
        h('h3', null, capital(kindInWords(kind)), ' ', h('small', null, many(some.length, 'incident'))),
        h(
          'ol',
          { class: 'reviewed' },
          some.map(one => this.line(one, notes))
        )
      )
    );
  }

  private line(one: Incident, notes: Notes): HTMLElement {
    const own = notes.notes.find(note => note.incident === one.id);
    const excuse = notes.excuses.find(excused => excused.incident === one.id);
    const said = own && (ANSWERS[own.answer] ?? own.answer);
    const lasts = one.seconds === null ? '' : one.seconds > 0 ? `, ${spoken(one.seconds)}` : '';
    const save = async (reason: string): Promise<void> => {
      await this.ask(`incidents/${one.id}/excuse`, { reason });
      await this.draw();
    };
    return h(
      'li',
      { 'data-level': one.level, 'data-kind': one.kind },
      own
        ? h('blockquote', null, h('strong', null, `“${said ?? ''}.”`), own.text ? ` ${own.text}` : '')
        : h('p', { class: 'soft' }, 'The candidate wrote nothing about it.'),
      h(
        'div',
        null,
        h('p', null, h('span', { class: 'chip', 'data-level': one.level }, LEVELS[one.level]), ` ${one.text}`),
        h('small', null, `${second(one.at)}${lasts}`),
        excuse
          ? h('p', { class: 'excused' }, `Excused: ${excusedInWords(excuse)} It counts for nothing.`)
          : this.steers && excusing(this.note, save)
      )
    );
  }

  private below(): Child {
    return [
      this.scores(),
      h(
        'p',
        { class: 'row' },
        h(
          'a',
          { class: 'button quiet', href: `${this.prefix}api/v1/sessions/${this.session.id}/export`, download: true },
          'Download the export'
        ),
        h(
          'small',
          null,
          'Notebook, log, record, policy, rules and score in one signed file. ',
          h('a', { href: `${this.prefix}verify` }, 'Check it'),
          this.window?.read ? '' : ' While the score is closed, it is not in it.'
        )
      )
    ];
  }

  private scores(): Child {
    if (this.window === null || this.window.open || !this.window.read) {
      return null;
    }
    if (this.score !== null) {
      return scored(this.score);
    }
    const open = async (): Promise<void> => {
      await this.note.during(button, async () => {
        this.score = await this.ask<Score>('score');
        this.redraw();
        this.node.querySelector<HTMLElement>('.score h3')?.focus();
      });
    };
    const button = h('button', { type: 'button', onclick: () => void open() }, 'Open the score');
    return h('div', { class: 'row' }, button);
  }

  private ask<T>(path: string, body?: unknown): Promise<T> {
    if (body !== undefined) {
      this.score = null; // an excuse changes it
    }
    return call<T>(this.prefix, body === undefined ? 'GET' : 'POST', `sessions/${this.session.id}/${path}`, body);
  }

  /** Whoever followed a link to the review is brought there, once. */
  private arrive(): void {
    if (!this.arrived && location.hash === '#review') {
      this.node.scrollIntoView();
    }
    this.arrived = true;
  }

  private window: Window | null = null;
  private notes: Notes | null = null;
  private score: Score | null = null;
  private arrived = false;
}

function standing(window: Window): HTMLElement {
  const until = window.closes === null ? '' : moment(window.closes);
  const [tone, text] = window.waived
    ? ['good', 'The candidate said that there is nothing to add: the time for notes is over.']
    : window.open
      ? [
          'wait',
          `The candidate may write notes until ${until}. The score opens after that, or when they have nothing to add.`
        ]
      : ['good', `The time for notes ended ${until}.`];
  return h(
    'p',
    { class: 'note', 'data-tone': tone, 'data-window': window.waived ? 'waived' : window.open ? 'open' : 'closed' },
    text
  );
}
