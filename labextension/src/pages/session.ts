/** One session, for its staff: where it stands, what can be done, what happened. */

import { call, Common, left, OVER, Problem, Session, stateInWords } from './api';
import { duration, h, moment, props, show } from './dom';

interface Invitation {
  id: string;
  expires: number;
  revoked: number | null;
  redeemed: number | null;
}

interface Event {
  seq: number;
  at: number;
  type: string;
  actor: string;
}

const page = props<Common & { session: Session }>();
const path = `sessions/${page.session.id}`;
const note = h('p', { role: 'status', class: 'note' });
const clock = h('output', { class: 'clock', 'aria-label': 'Time left' });
let session = page.session;
let offset = session.now - Date.now();

/** Action of the life cycle → the button, the call, and what follows, where that needs saying first. */
const ACTIONS: [string, string, string, unknown?, string?][] = [
  ['open', 'Open the door', 'open'],
  ['pause', 'Pause', 'pause'],
  ['resume', 'Go on', 'resume'],
  ['extend', 'Give 5 minutes', 'extend', { seconds: 300 }],
  [
    'terminate',
    'End now',
    'end',
    undefined,
    'End the session now? What is there is handed in, and nobody can change it any more.'
  ],
  ['cancel', 'Cancel', 'cancel', undefined, 'Cancel the session? The candidate’s link stops working.']
];

async function act(name: string, body: unknown, warning?: string): Promise<void> {
  if (warning !== undefined && !confirm(warning)) {
    return;
  }
  try {
    session = await call<Session>(page.prefix, 'POST', `${path}/${name}`, body);
    note.textContent = stateInWords(session.state);
  } catch (error) {
    note.textContent = error instanceof Problem ? error.message : String(error);
  }
  await draw();
}

async function invite(): Promise<void> {
  const made = await call<Invitation & { url: string }>(page.prefix, 'POST', `${path}/invitations`, {});
  const field = h('input', { readonly: true, value: made.url, 'aria-label': 'Invitation link' }) as HTMLInputElement;
  const copy = h('button', { type: 'button', onclick: () => void navigator.clipboard.writeText(made.url) }, 'Copy');
  note.replaceChildren(
    h('span', {}, `Send this link to the candidate. It works until ${moment(made.expires)} and is shown only now. `),
    field,
    copy
  );
  field.select();
}

function controls(): HTMLElement {
  const possible = ACTIONS.filter(([action]) => session.actions.includes(action));
  const buttons = possible.map(([, label, name, body, warning]) =>
    h('button', { type: 'button', onclick: () => void act(name, body, warning) }, label)
  );
  const over = OVER.has(session.state) || session.state === 'cancelled';
  return h(
    'div',
    { class: 'row' },
    over ? null : h('a', { class: 'button', href: `${page.prefix}room/${session.id}/lab` }, 'Enter the room'),
    ...buttons,
    over ? null : h('button', { type: 'button', onclick: () => void invite() }, 'Make an invitation link')
  );
}

function submission(): HTMLElement | null {
  if (!OVER.has(session.state)) {
    return null;
  }
  const base = `${page.prefix}api/v1/${path}/submission/`;
  return h(
    'p',
    { class: 'row' },
    h('a', { href: `${base}notebook` }, 'Notebook'),
    h('a', { href: `${base}files.zip` }, 'Files'),
    h('a', { href: `${base}receipt` }, 'Receipt')
  );
}

async function draw(): Promise<void> {
  const events = await call<Event[]>(page.prefix, 'GET', `${path}/timeline`);
  const rows = events
    .slice(-100)
    .reverse()
    .map(one => h('li', {}, h('time', {}, moment(one.at)), ` ${one.type.replace(/[._]/g, ' ')} – ${one.actor}`));
  show(
    h('p', {}, h('a', { href: page.prefix }, 'All sessions')),
    h('h1', {}, `${session.candidate} – ${session.title}`),
    h('p', { class: 'state' }, stateInWords(session.state), ' ', clock),
    note,
    controls(),
    submission(),
    h('h2', {}, 'What happened'),
    h('ol', { class: 'timeline' }, ...rows)
  );
}

async function refresh(): Promise<void> {
  const now = await call<Session>(page.prefix, 'GET', path);
  const changed = now.state !== session.state;
  session = now;
  offset = now.now - Date.now();
  if (changed) {
    await draw();
  }
}

setInterval(() => (clock.textContent = OVER.has(session.state) ? '' : `${duration(left(session, offset))} left`), 500);
setInterval(() => void refresh().catch(() => (note.textContent = 'The connection is lost; trying again.')), 3000);
draw().catch((error: unknown) => show(h('p', { role: 'alert' }, String(error))));
