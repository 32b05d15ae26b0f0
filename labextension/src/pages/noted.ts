/** The candidate's own timeline: what was noted about them, what it means, and their note beside it. In the room and afterwards. */

import { Incident } from '../wire/messages';
import { call, said } from './api';
import { Child, h, replace } from './dom';
import { sure } from './dialog';
import { ANSWERS, excusedInWords, LEVEL, meaning } from './meaning';
import { moment, second, spoken } from './time';

interface Note {
  incident: string;
  answer: string;
  text: string | null;
  at: number;
}

interface Excused {
  incident: string;
  because: string;
  reason: string | null;
}

interface Notes {
  notes: Note[];
  excuses: Excused[];
  open: boolean;
  closes: number | null;
  waived: boolean;
}

const LONGEST = 2000; // letters; the service takes no longer note

export class Noted {
  /** Until when notes are taken, and the way to end that early. Empty before the session is over. */
  readonly standing = h('div', { class: 'gr-standing' });
  readonly node = h('ol', { class: 'gr-incidents gr-noted', 'aria-live': 'polite' });

  constructor(
    private readonly prefix: string,
    private readonly session: string
  ) {
    void this.read();
  }

  /** What was noted so far. A line that somebody writes in stays as it is. */
  show(incidents: Iterable<Incident>): void {
    this.incidents = [...incidents].sort((one, other) => other.at - one.at);
    for (const one of this.incidents) {
      const line = this.lines.get(one.id) ?? this.line(one.id);
      const [note, excused] = [this.notes.notes, this.notes.excuses].map(
        some => some.find(beside => beside.incident === one.id) ?? null
      ) as [Note | null, Excused | null];
      line.tell(one, note, excused, this.notes.open);
    }
    const wanted = this.incidents.map(one => (this.lines.get(one.id) as Line).node);
    if (wanted.length === 0) {
      replace(this.node, h('li', { class: 'gr-soft' }, 'Nothing so far.'));
    } else if (wanted.some((node, index) => this.node.children[index] !== node)) {
      this.node.replaceChildren(...wanted);
    }
  }

  private line(id: string): Line {
    const line = new Line(async (answer, text) => {
      this.take(await call<Notes>(this.prefix, 'POST', `${this.base}`, { incident: id, answer, text }));
    });
    this.lines.set(id, line);
    return line;
  }

  private async read(): Promise<void> {
    try {
      this.take(await call<Notes>(this.prefix, 'GET', this.base));
    } catch {
      this.show(this.incidents); // the notes come with the next one that is written
    }
  }

  private take(notes: Notes): void {
    this.notes = notes;
    this.show(this.incidents);
    replace(this.standing, notes.closes !== null && this.window(notes, notes.closes));
  }

  private window(notes: Notes, closes: number): Child {
    if (!notes.open) {
      const ended = notes.waived
        ? 'You said that you have nothing to add.'
        : `The time for notes ended ${moment(closes)}.`;
      return h('p', { class: 'soft' }, ended);
    }
    const problem = h('p', { role: 'status', class: 'note' });
    const waive = async (): Promise<void> => {
      const follows =
        'Your notes stay as they are, you can write no more, and whoever reviews your session need not wait for you.';
      if (await sure('Nothing to add?', follows, 'I have nothing to add')) {
        try {
          await call(this.prefix, 'POST', `${this.base}/waive`, {});
          await this.read();
        } catch (error) {
          problem.textContent = said(error);
        }
      }
    };
    return [
      h('p', null, `You may write notes until ${moment(closes)}. The score is not opened before that.`),
      h('button', { type: 'button', class: 'quiet', onclick: () => void waive() }, 'I have nothing to add'),
      problem
    ];
  }

  private get base(): string {
    return `sessions/${this.session}/notes`;
  }

  private notes: Notes = { notes: [], excuses: [], open: true, closes: null, waived: false };
  private incidents: Incident[] = [];
  private readonly lines = new Map<string, Line>();
}

/** One incident with its note. */
class Line {
  readonly node = h('li');

  constructor(private readonly write: (answer: string, text: string) => Promise<void>) {
    this.form.addEventListener('submit', event => {
      event.preventDefault();
      void this.save();
    });
    this.node.append(this.head, this.why, this.level, this.note, this.details);
  }

  tell(incident: Incident, note: Note | null, excused: Excused | null, open: boolean): void {
    this.node.dataset.level = incident.level;
    this.node.dataset.kind = incident.kind;
    const lasts = incident.seconds === null ? 'goes on' : incident.seconds > 0 ? spoken(incident.seconds) : '';
    replace(
      this.head,
      h('time', { datetime: new Date(incident.at).toISOString() }, second(incident.at)),
      ` ${incident.text}`
    );
    this.why.textContent = meaning(incident.kind);
    const level = incident.excused ? 'Excused: it counts for nothing' : (LEVEL[incident.level] ?? incident.level);
    this.level.textContent = [level, lasts, excused ? excusedInWords(excused) : ''].filter(Boolean).join(' · ');
    this.note.textContent = note ? `Your note: ${ANSWERS[note.answer] ?? note.answer}. ${note.text ?? ''}`.trim() : '';
    this.details.hidden = !open;
    this.summary.textContent = note ? 'Change your note' : 'Write a note';
  }

  private async save(): Promise<void> {
    this.said.textContent = '';
    try {
      await this.write(this.answer.value, this.text.value.trim());
      this.details.open = false;
      this.summary.focus();
    } catch (error) {
      this.said.textContent = `Your note was not kept. ${said(error)}`;
    }
  }

  private readonly head = h('span');
  private readonly why = h('small', { class: 'gr-meaning' });
  private readonly level = h('small');
  private readonly note = h('p', { class: 'gr-note' });
  private readonly answer = h(
    'select',
    { 'aria-label': 'What it was' },
    Object.entries(ANSWERS).map(([word, text]) => h('option', { value: word }, text))
  );
  private readonly text = h('textarea', {
    rows: 2,
    maxlength: LONGEST,
    'aria-label': 'In your own words',
    placeholder: 'In your own words, if you like'
  });
  private readonly said = h('p', { role: 'status', class: 'gr-note' });
  private readonly summary = h('summary', null, 'Write a note');
  private readonly form = h(
    'form',
    { class: 'gr-note-form' },
    this.answer,
    this.text,
    h('button', { type: 'submit', class: 'gr-camera-button' }, 'Keep this note'),
    this.said
  );
  private readonly details = h('details', null, this.summary, this.form);
}
