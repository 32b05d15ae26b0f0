/** Who of the staff has which seat; giving and taking them. */

import { call, Common, Person, Seat, Session } from '../api';
import { sure } from '../dialog';
import { h, replace } from '../dom';
import { Note } from '../frame';
import { SEATS } from '../words';

const GIVEN = ['interviewer', 'observer'];

export class Seats {
  readonly node = h('section', { class: 'panel', 'aria-labelledby': 'seats' });

  constructor(
    private readonly page: Common,
    private readonly session: Session,
    private readonly steers: boolean,
    private readonly changed: () => void
  ) {}

  async draw(): Promise<void> {
    const [seats, people] = await Promise.all([
      call<Seat[]>(this.page.prefix, 'GET', this.path),
      this.steers ? call<Person[]>(this.page.prefix, 'GET', 'people') : []
    ]);
    const free = people.filter(one => !seats.some(seat => seat.person === one.name));
    replace(
      this.node,
      h('h2', { id: 'seats' }, 'Seats'),
      this.note.node,
      h(
        'ul',
        { class: 'lines' },
        h('li', null, h('span', null, `${this.session.candidate} – ${SEATS.candidate}`)),
        seats.map(one => this.line(one, seats))
      ),
      this.steers &&
        (free.length > 0 ? this.form(free) : h('p', { class: 'soft' }, 'Everybody who has an account has a seat.'))
    );
  }

  private line(one: Seat, seats: Seat[]): HTMLElement {
    const last = one.seat === 'interviewer' && seats.filter(other => other.seat === 'interviewer').length === 1;
    const name = one.display_name || one.person;
    const button = h(
      'button',
      { type: 'button', class: 'quiet small', 'aria-label': `Take the seat of ${name}`, onclick: () => void take() },
      'Take the seat'
    );
    const take = async (): Promise<void> => {
      if (
        await sure(
          `Take the seat of ${name}?`,
          'Their connections to the room end at once. You can give the seat again.',
          'Take the seat'
        )
      ) {
        await this.do(button, () => call(this.page.prefix, 'DELETE', `${this.path}/${encodeURIComponent(one.person)}`));
      }
    };
    return h('li', null, h('span', null, `${name} – ${SEATS[one.seat] ?? one.seat}`), this.steers && !last && button);
  }

  private form(free: Person[]): HTMLElement {
    const person = h(
      'select',
      { 'aria-label': 'Person' },
      free.map(one => h('option', { value: one.name }, one.display_name || one.name))
    );
    const seat = h(
      'select',
      { 'aria-label': 'Seat' },
      GIVEN.map(one => h('option', { value: one }, SEATS[one]))
    );
    const button = h('button', { type: 'submit', class: 'quiet' }, 'Give a seat');
    const give = (event: SubmitEvent): void => {
      event.preventDefault();
      void this.do(button, () =>
        call(this.page.prefix, 'PUT', `${this.path}/${encodeURIComponent(person.value)}`, { seat: seat.value })
      );
    };
    return h('form', { class: 'row inline', onsubmit: give }, person, seat, button);
  }

  private async do(button: HTMLButtonElement, work: () => Promise<unknown>): Promise<void> {
    await this.note.during(button, async () => {
      await work();
      await this.draw();
      this.changed();
    });
  }

  private get path(): string {
    return `sessions/${this.session.id}/seats`;
  }

  private readonly note = new Note();
}
