/** All sessions of a member of staff, and the form that makes one. */

import { call, Common, left, NEVER, OVER, Person, Session, Template } from './api';
import { h, props, replace, show } from './dom';
import { frame, Note } from './frame';
import { made, newSession } from './new-session';
import { newTemplate } from './staff/new-template';
import { People } from './staff/people';
import { duration, moment, spoken } from './time';
import { stateInWords } from './words';

const LOOK = 5000; // milliseconds between two looks at the list

const page = props<Common & { oauth: boolean }>();
const note = new Note();
const list = h('div', { class: 'sessions' });
const form = h('section', { 'aria-labelledby': 'new', class: 'panel' });

async function draw(): Promise<void> {
  const sessions = await call<Session[]>(page.prefix, 'GET', 'sessions');
  const text = JSON.stringify(sessions.map(one => ({ ...one, now: 0, clock: one.clock.running ? 0 : one.clock })));
  if (text === drawn) {
    return tick(sessions);
  }
  drawn = text;
  replace(list, sessions.length === 0 ? empty() : groups(sessions));
  tick(sessions);
}

let drawn = '';

function empty(): HTMLElement {
  return h(
    'div',
    { class: 'empty' },
    h('p', null, h('strong', null, 'There is no session yet.')),
    h(
      'p',
      null,
      'A session is one sitting with one candidate: a notebook from a template, a clock, and a record that both sides can check.'
    ),
    h(
      'ol',
      null,
      h('li', null, 'Make a session below.'),
      h('li', null, 'Send the candidate the link.'),
      h('li', null, 'Open the door when they are there.')
    )
  );
}

function groups(sessions: Session[]): HTMLElement[] {
  const over = (one: Session): boolean => OVER.has(one.state) || NEVER.has(one.state);
  const now = sessions.filter(one => ['lobby', 'live', 'paused'].includes(one.state));
  const coming = sessions.filter(one => !now.includes(one) && !over(one));
  const kinds: [string, Session[]][] = [
    ['Now', now],
    ['To come', coming],
    ['Over', sessions.filter(over)]
  ];
  return kinds
    .filter(([, some]) => some.length > 0)
    .map(([title, some]) =>
      h('section', { 'aria-label': title }, h('h2', null, title), h('ul', { class: 'cards' }, some.map(card)))
    );
}

function card(one: Session): HTMLElement {
  return h(
    'li',
    null,
    h(
      'a',
      { href: `${page.prefix}sessions/${one.id}${OVER.has(one.state) ? '#review' : ''}`, class: 'card' },
      h('span', { class: 'card-main' }, h('strong', null, one.candidate), h('span', { class: 'soft' }, one.title)),
      h(
        'span',
        { class: 'card-side' },
        h('span', { class: 'chip', 'data-state': one.state }, stateInWords(one.state)),
        h('small', { 'data-clock': one.id }, when(one))
      )
    )
  );
}

function when(one: Session): string {
  if (one.clock.running || one.state === 'paused') {
    return `${duration(left(one, one.now - Date.now()))} left`;
  }
  return one.state === 'lobby' ? `${spoken(one.clock.left)} to work` : `made ${moment(one.created)}`;
}

function tick(sessions: Session[]): void {
  for (const one of sessions) {
    const clock = list.querySelector(`[data-clock="${one.id}"]`);
    if (clock) {
      clock.textContent = when(one);
    }
  }
}

async function offer(chosen = ''): Promise<void> {
  const [templates, people] = await Promise.all([
    call<Template[]>(page.prefix, 'GET', 'templates'),
    call<Person[]>(page.prefix, 'GET', 'people')
  ]);
  const others = people.filter(one => one.name !== page.me?.name);
  const done = async (session: Session): Promise<void> => {
    replace(form, await made(page, session, () => void offer()));
    form.querySelector<HTMLElement>('h2')?.focus();
    await draw();
  };
  const typed = form.querySelector<HTMLInputElement>('#candidate')?.value ?? '';
  replace(form, newSession(page, templates, others, done, chosen), own);
  form.querySelector('#candidate')?.setAttribute('value', typed);
}

async function look(): Promise<void> {
  if (document.visibilityState === 'visible') {
    try {
      await draw();
      if (lost) {
        note.clear();
      }
      lost = false;
    } catch (error) {
      lost = true;
      note.problem(error);
    }
  }
  setTimeout(() => void look(), LOOK);
}

let lost = false;
const own = newTemplate(page, template => offer(template.name));
const colleagues = page.me?.role === 'admin' && !page.oauth ? new People(page, () => offer()) : null;

frame(page);
show(
  h('div', { class: 'head' }, h('h1', null, 'Sessions'), h('a', { href: '#new', class: 'button' }, 'New session')),
  note.node,
  list,
  form,
  colleagues?.node
);
replace(list, h('p', { class: 'soft' }, 'Looking for your sessions …'));
void colleagues?.draw().catch((error: unknown) => note.problem(error));
void offer().catch((error: unknown) => note.problem(error));
void look();
