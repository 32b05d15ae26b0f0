/** One's own scorecard: the rubric's lines with their anchors. A draft saves itself; handed in, it stays as it is. */

import { call, said } from '../pages/api';
import { sure } from '../pages/dialog';
import { h, replace } from '../pages/dom';
import { moment } from '../pages/time';
import { ADVICE, adviceInWords, Card, CardView, Criterion, levelInWords, Scorecards } from './shapes';

const EMPTY: Card = { lines: [], summary: '', advice: null };

export class Scorecard {
  readonly node = h('section', { class: 'gr-assess', 'aria-label': 'Scorecard' });

  /** `handedIn`: more may be readable now. */
  constructor(
    private readonly prefix: string,
    session: string,
    private readonly rubric: Criterion[],
    private readonly handedIn: () => void
  ) {
    this.path = `sessions/${session}/scorecard`;
    this.node.append(this.body, this.status);
    this.node.addEventListener('keydown', event => event.stopPropagation());
    void this.read();
  }

  private async read(): Promise<void> {
    try {
      this.take(await call<Scorecards>(this.prefix, 'GET', this.path));
    } catch (error) {
      this.status.textContent = `The scorecard could not be read. ${said(error)}`;
    }
  }

  private take(all: Scorecards): void {
    const done = all.mine !== null && all.mine.handed_in !== null;
    replace(
      this.body,
      done && all.mine ? this.shown(all.mine, 'Your scorecard') : this.form(all.mine?.card ?? EMPTY),
      all.others.map(one => this.shown(one, one.author)),
      all.waiting.length > 0 && h('p', { class: 'gr-soft' }, `Still to hand in: ${all.waiting.join(', ')}.`)
    );
  }

  private form(card: Card): HTMLElement {
    const form = h(
      'form',
      { onchange: () => void this.save(form), onsubmit: (event: Event) => void this.handIn(event, form) },
      h('p', { class: 'gr-soft' }, 'It saves itself. Nobody else reads it before you have handed it in.'),
      this.rubric.map((one, index) => this.line(one, index, card)),
      h('label', { for: 'gr-summary' }, 'In a few sentences'),
      h('textarea', { id: 'gr-summary', name: 'summary', rows: 3, maxlength: 4000 }, card.summary),
      h(
        'fieldset',
        null,
        h('legend', null, 'Would you go on with this candidate?'),
        ADVICE.map(([name, label]) => radio('advice', name, label, card.advice === name))
      ),
      h('button', { type: 'submit', class: 'gr-button main' }, 'Hand in the scorecard')
    );
    return form;
  }

  private line({ criterion, levels }: Criterion, index: number, card: Card): HTMLElement {
    const line = card.lines.find(one => one.criterion === criterion);
    return h(
      'fieldset',
      null,
      h('legend', null, criterion),
      levels.map((anchor, level) => radio(`level-${index}`, String(level), anchor, line?.level === level)),
      radio(`level-${index}`, '', 'Not seen', (line?.level ?? null) === null),
      h('input', {
        name: `why-${index}`,
        'aria-label': `${criterion}: what you saw`,
        placeholder: 'What you saw',
        maxlength: 2000,
        value: line?.why ?? ''
      })
    );
  }

  private read_(form: HTMLFormElement): Card {
    const data = new FormData(form);
    const text = (name: string): string => String(data.get(name) ?? '');
    const lines = this.rubric.map(({ criterion }, index) => ({
      criterion,
      level: text(`level-${index}`) === '' ? null : Number(text(`level-${index}`)),
      why: text(`why-${index}`)
    }));
    return { lines, summary: text('summary'), advice: text('advice') || null };
  }

  /** One after the other, so that an older draft never overtakes a newer one. */
  private save(form: HTMLFormElement): Promise<boolean> {
    const card = this.read_(form);
    this.status.textContent = 'Saving …';
    this.saving = this.saving.then(async () => {
      try {
        await call(this.prefix, 'PUT', this.path, card);
        this.status.textContent = 'Saved as a draft.';
        return true;
      } catch (error) {
        this.status.textContent = `The draft was not saved. ${said(error)}`;
        return false;
      }
    });
    return this.saving;
  }

  private async handIn(event: Event, form: HTMLFormElement): Promise<void> {
    event.preventDefault();
    const follows = 'It stays as it is from then on, and colleagues who have handed in theirs can read it.';
    if (!(await this.save(form)) || !(await sure('Hand in the scorecard?', follows, 'Hand it in'))) {
      return;
    }
    try {
      this.take(await call<Scorecards>(this.prefix, 'POST', `${this.path}/hand-in`, {}));
      this.status.textContent = 'Handed in.';
      this.handedIn();
    } catch (error) {
      this.status.textContent = `It was not handed in. ${said(error)}`;
    }
  }

  private shown({ card, handed_in: at }: CardView, title: string): HTMLElement {
    return h(
      'section',
      { class: 'gr-card' },
      h('h3', null, title),
      at !== null && h('p', { class: 'gr-soft' }, `Handed in ${moment(at)}`),
      h(
        'dl',
        null,
        card.lines.flatMap(line => [
          h('dt', null, line.criterion),
          h(
            'dd',
            null,
            levelInWords(
              line.level,
              this.rubric.find(one => one.criterion === line.criterion)
            ),
            line.why && h('small', null, line.why)
          )
        ])
      ),
      card.summary && h('p', null, card.summary),
      h('p', null, h('strong', null, adviceInWords(card.advice)))
    );
  }

  private readonly path: string;
  private saving: Promise<boolean> = Promise.resolve(true);
  private readonly body = h('div');
  private readonly status = h('p', { class: 'gr-soft', role: 'status' });
}

const radio = (name: string, value: string, label: string, checked: boolean): HTMLElement =>
  h('label', { class: 'gr-tick' }, h('input', { type: 'radio', name, value, checked }), label);
