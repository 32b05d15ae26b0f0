/** All sessions of a member of staff, and the form that makes one. */

import { call, Common, Problem, Session, stateInWords } from './api';
import { h, moment, props, show } from './dom';

interface Template {
  name: string;
  title: string;
  duration: number;
}

const page = props<Common>();
const note = h('p', { role: 'status', class: 'note' });

async function start(): Promise<void> {
  const [sessions, templates] = await Promise.all([
    call<Session[]>(page.prefix, 'GET', 'sessions'),
    call<Template[]>(page.prefix, 'GET', 'templates')
  ]);
  show(h('h1', {}, 'Sessions'), note, list(sessions), form(templates));
}

function list(sessions: Session[]): HTMLElement {
  if (sessions.length === 0) {
    return h('p', {}, 'There is no session yet. Make one below: it takes a template and the candidate’s name.');
  }
  return h(
    'ul',
    { class: 'cards' },
    ...sessions.map(one =>
      h(
        'li',
        {},
        h('a', { href: `${page.prefix}sessions/${one.id}` }, h('strong', {}, one.candidate), ` – ${one.title}`),
        h('span', { class: 'state' }, stateInWords(one.state)),
        h('small', {}, `Made ${moment(one.created)}`)
      )
    )
  );
}

function form(templates: Template[]): HTMLElement {
  const template = h(
    'select',
    { id: 'template', required: true },
    ...templates.map(one => h('option', { value: one.name }, one.title))
  );
  const candidate = h('input', { id: 'candidate', required: true, maxlength: '200', autocomplete: 'off' });
  const minutes = h('input', {
    id: 'minutes',
    type: 'number',
    min: '1',
    max: '1440',
    value: String(Math.round((templates[0]?.duration ?? 3600) / 60))
  });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const made = await call<Session>(page.prefix, 'POST', 'sessions', {
        template: (template as HTMLSelectElement).value,
        candidate: (candidate as HTMLInputElement).value,
        duration: Number((minutes as HTMLInputElement).value) * 60
      });
      location.href = `${page.prefix}sessions/${made.id}`;
    } catch (error) {
      note.textContent = error instanceof Problem ? error.message : String(error);
    }
  };
  return h(
    'form',
    { onsubmit: event => void submit(event) },
    h('h2', {}, 'New session'),
    h('label', { for: 'template' }, 'Template'),
    template,
    h('label', { for: 'candidate' }, 'Candidate’s name'),
    candidate,
    h('label', { for: 'minutes' }, 'Minutes'),
    minutes,
    h('button', {}, 'Make the session')
  );
}

start().catch((error: unknown) => show(h('h1', {}, 'Sessions'), h('p', { role: 'alert' }, String(error))));
