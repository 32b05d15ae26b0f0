/** What can be done to a session now, and nothing else. */

import { call, NEVER, OVER, Session } from '../api';
import { sure } from '../dialog';
import { h } from '../dom';
import { Note } from '../frame';
import { stateInWords, Step, STEPS } from '../words';

export function controls(prefix: string, session: Session, note: Note, done: (session: Session) => void): HTMLElement {
  const steers = session.seat !== 'observer';
  const possible = steers ? STEPS.filter(one => session.actions.includes(one.action)) : [];
  const buttons = possible.map(step => {
    const button = h('button', { type: 'button', class: step.kind, onclick: () => void press() }, step.label);
    const press = async (): Promise<void> => {
      if (step.follows && !(await sure(`${step.label}?`, step.follows(session), step.label))) {
        return;
      }
      const after = await note.during(button, () => act(prefix, session.id, step));
      if (after) {
        note.say(`${stateInWords(after.state)}.`);
        done(after);
      }
    };
    return button;
  });
  return h('div', { class: 'row' }, enter(prefix, session), buttons);
}

const act = (prefix: string, id: string, step: Step): Promise<Session> =>
  call<Session>(prefix, 'POST', `sessions/${id}/${step.path}`, step.body ?? {});

function enter(prefix: string, session: Session): HTMLElement | null {
  if (session.seat === null) {
    return h(
      'p',
      { class: 'soft' },
      'You see this session as an admin. To enter the room, give yourself a seat below.'
    );
  }
  if (NEVER.has(session.state) || (session.state === 'scheduled' && session.seat === 'observer')) {
    return null;
  }
  const over = OVER.has(session.state);
  return h(
    'a',
    {
      class: `button ${over || !['live', 'paused'].includes(session.state) ? 'quiet' : 'main'}`,
      href: `${prefix}room/${session.id}/lab`
    },
    over ? 'Look into the room' : 'Enter the room'
  );
}
