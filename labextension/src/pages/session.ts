/** One session, for its staff: where it stands, what can be done, what happened. */

import { call, Common, Event, left, NEVER, OVER, said, Session } from './api';
import { h, props, replace, show } from './dom';
import { Elsewhere } from './elsewhere';
import { accommodations } from './accommodations';
import { timeline } from './events';
import { callPanel } from './session/call';
import { frame, Note } from './frame';
import { Live } from './live';
import { assess } from './session/assess';
import { controls } from './session/controls';
import { incidents } from './session/incidents';
import { Invitations } from './session/invitations';
import { Review } from './session/review';
import { Seats } from './session/seats';
import { Work } from './session/work';
import { standingInWords } from './standing';
import { duration, moment, spoken } from './time';
import { nextInWords, stateInWords } from './words';
import { Person } from '../wire/messages';

const page = props<Common & { session: Session }>();
const path = `sessions/${page.session.id}`;
let session = page.session;
const steers = session.seat === 'interviewer' || page.me?.role === 'admin';

const note = new Note();
const chip = h('span', { class: 'chip big' });
const clock = h('span', { class: 'clock', role: 'timer', 'aria-label': 'Time left' });
const next = h('p', { class: 'soft' });
const connection = h('p', { class: 'connection', role: 'status' });
const candidate = h('p', { class: 'soft', role: 'status' });
const here = h('p', { class: 'soft' });
const row = h('div');
const picked = h('div', null, h('p', { class: 'soft' }, 'Reading …'));
const pickedUp = h(
  'section',
  { class: 'panel', 'aria-labelledby': 'picked' },
  h('h2', { id: 'picked' }, 'What rules picked up'),
  picked
);
const events = h('div', null, h('p', { class: 'soft' }, 'Reading the record …'));
const elsewhere = new Elsewhere(page.prefix, session.id, 'staff', steers, 'quiet small');
const invitations = new Invitations(page.prefix, session);
const seats = new Seats(page, session, steers, () => void history());
const work = new Work(page.prefix, session);
const review = new Review(page.prefix, session, steers);
const talk = callPanel(page, session);
const known: Event[] = [];
let drawn = '';

function draw(now: Session): void {
  session = now;
  next.textContent = nextInWords(now.state, known);
  const seen = `${now.state} ${now.actions.join()} ${now.seat}`;
  tick();
  elsewhere.live(now.state === 'live' || now.state === 'paused');
  void history();
  if (seen === drawn) {
    return;
  }
  drawn = seen;
  chip.dataset.state = now.state;
  chip.textContent = stateInWords(now.state);
  replace(
    row,
    controls(page.prefix, now, note, after => live.set(after))
  );
  const over = OVER.has(now.state) || NEVER.has(now.state);
  invitations.node.hidden = over || !steers;
  talk.node.hidden = over || session.seat === null;
  work.node.hidden = !OVER.has(now.state);
  pickedUp.hidden = OVER.has(now.state);
  review.node.hidden = !OVER.has(now.state);
  if (OVER.has(now.state)) {
    void frozen();
    void review.draw();
  }
}

async function frozen(): Promise<void> {
  if (!(await work.draw())) {
    setTimeout(() => void frozen(), 1500);
  }
}

function tick(): void {
  const begun = !['draft', 'scheduled', 'lobby'].includes(session.state);
  const over = OVER.has(session.state) || NEVER.has(session.state);
  clock.textContent = over
    ? ''
    : begun
      ? `${duration(left(session, live.offset))} left`
      : `${spoken(session.clock.left)} to work`;
  const ends = session.clock.ends_at;
  clock.title = session.clock.running && ends !== null ? `Ends ${moment(ends)}` : '';
}

/** What is new in the record. Two looks at once would read the same rows twice. */
let reading: Promise<void> | null = null;
function history(): Promise<void> {
  reading ??= read().finally(() => (reading = null));
  return reading;
}

async function read(): Promise<void> {
  try {
    const fresh = await call<Event[]>(page.prefix, 'GET', `${path}/timeline?after=${known.at(-1)?.seq ?? 0}`);
    if (fresh.length > 0 || known.length === 0) {
      known.push(...fresh);
      replace(events, timeline(known, names));
      next.textContent = nextInWords(session.state, known);
      review.heard(fresh);
      if (steers && fresh.some(one => one.type.startsWith('invitation.'))) {
        await invitations.draw();
      }
    }
  } catch (error) {
    replace(events, h('p', { class: 'note', 'data-tone': 'bad' }, said(error)));
  }
}

/** The account a candidate works under is named after the session. */
const names: Record<string, string> = { [session.id]: session.candidate, candidate: session.candidate };
if (page.me) {
  names[page.me.name] = page.me.display_name || page.me.name;
}

function people(all: Person[]): void {
  all.forEach(one => (names[one.name] = one.display_name));
  const list = all.map(one => `${one.display_name} (${one.seat})`).join(', ');
  here.textContent = list ? `Here now: ${list}.` : '';
}

const LINES: Record<string, string> = {
  opening: '',
  open: '',
  lost: 'The connection is lost; trying again. What you see may be old.',
  ended: 'Your sign-in or your seat ended. Load the page again to see what you still may.'
};

const live = new Live(page, session, {
  session: draw,
  people,
  told: event => talk.hear(event),
  incidents: all => {
    replace(picked, incidents(all));
    void history();
  },
  candidate: standing => {
    candidate.textContent = OVER.has(session.state) ? '' : standingInWords(standing, live.offset);
    candidate.dataset.presence = standing.presence;
  },
  elsewhere: until => elsewhere.show(until, live.offset),
  line: line => {
    connection.textContent = LINES[line];
    document.body.dataset.line = line;
  }
});

frame(page);
show(
  h('p', { class: 'back' }, h('a', { href: page.prefix }, '← All sessions')),
  h('h1', null, session.candidate),
  h('p', { class: 'under' }, session.title),
  h(
    'section',
    { class: 'panel now', 'aria-label': 'Now' },
    h('p', { class: 'standing' }, chip, clock),
    next,
    here,
    candidate,
    connection,
    accommodations(page.session.policy.accommodations),
    note.node,
    row,
    elsewhere.node
  ),
  session.seat === 'interviewer' && assess(page.prefix, session.id),
  review.node,
  work.node,
  pickedUp,
  talk.node,
  h('div', { class: 'two' }, invitations.node, seats.node),
  h('section', { class: 'panel', 'aria-labelledby': 'happened' }, h('h2', { id: 'happened' }, 'What happened'), events)
);
draw(session);
setInterval(tick, 500);
void seats.draw().catch((error: unknown) => note.problem(error));
if (steers) {
  void invitations.draw().catch((error: unknown) => note.problem(error));
}
