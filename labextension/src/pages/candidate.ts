/** The candidate's way: what this is, what is recorded, the device, the lobby, handed in. */

import { call, Common, OVER, Problem, Session } from './api';
import { h, props, show } from './dom';
import { duration } from './time';

const page = props<Common & { session: Session; wording: string; consent: { accepted: boolean } | null }>();
const path = `sessions/${page.session.id}`;
const note = h('p', { role: 'alert', class: 'note' });
let session = page.session;

const step = (...children: Parameters<typeof show>): void => {
  note.textContent = '';
  show(...children, note);
  (document.querySelector('h1') as HTMLElement | null)?.setAttribute('tabindex', '-1');
  document.querySelector('h1')?.focus();
};

const button = (label: string, action: () => Promise<void>, kind = ''): HTMLElement =>
  h(
    'button',
    {
      type: 'button',
      class: kind,
      onclick: () =>
        void action().catch(
          (error: unknown) => (note.textContent = error instanceof Problem ? error.message : String(error))
        )
    },
    label
  );

function recorded(): string[] {
  const uses = (signal: string): boolean => (session.policy.signals[signal] ?? 'off') !== 'off';
  return [
    'Everything typed in the notebook, with time and author, and every run with its outputs.',
    'When you connect, leave and hand in.',
    uses('fullscreen') ? 'When you leave fullscreen.' : '',
    uses('visibility') ? 'When this page is hidden.' : '',
    uses('focus') ? 'When another window has the keyboard for longer.' : ''
  ].filter(Boolean);
}

function welcome(): void {
  step(
    h('h1', {}, session.title),
    h('p', {}, `${page.organisation} invites you, ${session.candidate}, to work on a notebook together.`),
    h(
      'p',
      {},
      `It takes ${duration(session.clock.duration)}. The clock starts when the interviewer opens the door, not before.`
    ),
    h('h2', {}, 'What is recorded'),
    h('ul', {}, ...recorded().map(text => h('li', {}, text))),
    h(
      'p',
      {},
      'No picture and no sound is recorded. You can see every fact noted about you, and at the end you get a signed receipt.'
    ),
    h('p', {}, `What is recorded is kept for ${session.policy.retention_days} days.`),
    h('small', {}, `Wording ${page.wording}`),
    h(
      'p',
      { class: 'row' },
      button('I agree', () => answer(true)),
      button('I do not agree', () => answer(false), 'quiet')
    )
  );
}

async function answer(accepted: boolean): Promise<void> {
  await call(page.prefix, 'POST', `${path}/consent`, { wording: page.wording, accepted });
  if (!accepted) {
    location.href = `${page.prefix}declined`;
    return;
  }
  await device();
}

async function device(): Promise<void> {
  const before = performance.now();
  await call(page.prefix, 'GET', path);
  const checks: [string, boolean, string][] = [
    [
      'This browser can run the room',
      'WebSocket' in window && 'Worker' in window,
      'Use a current Chromium, Chrome, Edge or Firefox.'
    ],
    ['The connection is secure', window.isSecureContext, 'Open the link with https, or ask whom you got it from.'],
    [
      `The connection is quick (${Math.round(performance.now() - before)} ms)`,
      performance.now() - before < 1000,
      'It is slow; it will work, with delays.'
    ]
  ];
  step(
    h('h1', {}, 'Your device'),
    h(
      'ul',
      { class: 'checks' },
      ...checks.map(([what, good, help]) =>
        h('li', { class: good ? 'good' : 'bad' }, `${good ? '✓' : '!'} ${what}. `, good ? '' : help)
      )
    ),
    button('Go to the lobby', lobby)
  );
}

async function lobby(): Promise<void> {
  session = await call<Session>(page.prefix, 'POST', `${path}/arrive`, {});
  const state = h('p', { role: 'status' }, 'You are in the lobby. The door opens from the other side.');
  step(
    h('h1', {}, 'Lobby'),
    state,
    h('p', {}, 'You can leave this page open. When the door opens, the room opens by itself.')
  );
  const look = async (): Promise<void> => {
    try {
      session = await call<Session>(page.prefix, 'GET', path);
      state.textContent = `You are in the lobby, and connected (${new Date().toLocaleTimeString()}). The door opens from the other side.`;
    } catch {
      state.textContent = 'The connection is lost; trying again. Nothing is lost.';
    }
    if (!route()) {
      setTimeout(() => void look(), 1000);
    }
  };
  await look();
}

function over(): void {
  const base = `${page.prefix}api/v1/${path}/submission/`;
  step(
    h('h1', {}, 'Handed in'),
    h(
      'p',
      {},
      session.state === 'expired'
        ? 'The time ran out, and your work was handed in as it stood.'
        : 'Your work was handed in.'
    ),
    h(
      'p',
      { class: 'row' },
      h('a', { class: 'button', href: `${base}notebook` }, 'Download your notebook'),
      h('a', { class: 'button', href: `${base}receipt` }, 'Download your receipt')
    ),
    h(
      'p',
      {},
      'Keep both. With them you can show at any time what you handed in, and when: ',
      h('a', { href: `${page.prefix}verify` }, 'check a receipt'),
      '.'
    )
  );
}

/** Where the state alone says what to show; false when the candidate's own steps do. */
function route(): boolean {
  if (session.state === 'live' || session.state === 'paused') {
    location.href = `${page.prefix}room/${session.id}/lab`;
    return true;
  }
  if (OVER.has(session.state)) {
    over();
    return true;
  }
  if (session.state === 'cancelled' || session.state === 'no_show') {
    step(h('h1', {}, 'This session does not take place'), h('p', {}, `If that surprises you, ask ${page.contact}.`));
    return true;
  }
  return false;
}

if (!route()) {
  if (session.state === 'lobby') {
    void lobby();
  } else if (page.consent?.accepted) {
    void device();
  } else {
    welcome();
  }
}
