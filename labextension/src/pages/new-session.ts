/** The form that makes a session, and what it says when it is done. */

import { asked, asking } from './accommodations';
import { call, Common, Invitation, Person, Policy, Session, Template, Use } from './api';
import { copyable } from './copy';
import { Child, h, replace } from './dom';
import { Note } from './frame';
import { moment, spoken } from './time';

/** A switch of the form → the signals it stands for. */
const SWITCHES: [id: string, label: string, why: string, signals: string[]][] = [
  [
    'camera',
    'Camera check',
    'Notes when no face is seen, or a second one, and when the gaze leaves the screen. Pictures never leave the candidate’s computer.',
    ['camera', 'face', 'gaze']
  ],
  ['fullscreen', 'Fullscreen', 'Asks for fullscreen, and notes when it is left.', ['fullscreen']],
  [
    'visibility',
    'Other tabs and windows',
    'Notes when the page is hidden or another window has the keyboard.',
    ['visibility', 'focus']
  ],
  ['screen', 'Second screen', 'Notes when one is connected, where the browser says so.', ['screen']],
  [
    'clipboard',
    'Text from elsewhere',
    'Notes that text from outside was pasted or dropped, and how much; not the text.',
    ['clipboard']
  ],
  ['network', 'Connection', 'Notes when the service did not answer. It counts against nobody.', ['network']]
];
const USUAL = ['python', 'bash'];
const on = (policy: Policy, signals: string[]): boolean =>
  signals.some(one => (policy.signals[one] ?? 'off') !== 'off');

export function newSession(
  page: Common,
  templates: Template[],
  people: Person[],
  done: (session: Session) => Promise<void>,
  first = ''
): HTMLElement {
  if (templates.length === 0) {
    return h(
      'div',
      null,
      h('h2', { id: 'new' }, 'New session'),
      h('p', null, 'There is no template yet. A template is a notebook with its data files; add one below.')
    );
  }
  const note = new Note();
  const rest = h('div');
  const select = h(
    'select',
    { id: 'template', name: 'template' },
    templates.map(one => h('option', { value: one.name, selected: one.name === first }, one.title))
  );
  const chosen = (): Template => templates.find(one => one.name === select.value) ?? templates[0];
  select.addEventListener('change', () => replace(rest, fields(chosen(), people)));
  replace(rest, fields(chosen(), people));
  const button = h('button', { type: 'submit' }, 'Make the session');
  const form = h(
    'form',
    {
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        void note.during(button, async () =>
          done(await call<Session>(page.prefix, 'POST', 'sessions', request(form, chosen())))
        );
      }
    },
    h('h2', { id: 'new' }, 'New session'),
    field('candidate', 'Candidate’s name', 'As they read it on their page.', {
      required: true,
      maxlength: 200,
      autocomplete: 'off'
    }),
    h('div', { class: 'field' }, h('label', { for: 'template' }, 'Template'), select),
    rest,
    note.node,
    h('div', { class: 'row' }, button)
  );
  return form;
}

function field(
  id: string,
  label: string,
  why: string,
  attributes: Record<string, string | number | boolean>
): HTMLElement {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h('input', { id, name: id, 'aria-describedby': why ? `${id}-why` : undefined, ...attributes }),
    why && h('small', { id: `${id}-why` }, why)
  );
}

function tick(id: string, name: string, label: string, why: string, checked: boolean): HTMLElement {
  return h(
    'div',
    { class: 'tick' },
    h('input', { type: 'checkbox', id, name, value: id, checked, 'aria-describedby': why ? `${id}-why` : undefined }),
    h('label', { for: id }, label),
    why && h('small', { id: `${id}-why` }, why)
  );
}

const accommodating = (id: string): HTMLElement =>
  id === 'more-minutes'
    ? field(id, 'Extra time', 'In minutes, on top of those above.', {
        type: 'number',
        min: 0,
        max: 1440,
        value: 0
      })
    : field(id, 'Reason', 'Needed for any of these. The candidate and whoever decides read this.', {
        maxlength: 300,
        autocomplete: 'off'
      });

/** What the template has a say in. */
function fields(template: Template, people: Person[]): Child[] {
  const { policy } = template;
  const languages = [...new Set([...policy.languages, ...USUAL])];
  return [
    h('p', { class: 'soft' }, template.description),
    field('title', 'Title', '', { required: true, maxlength: 200, value: template.title }),
    field('minutes', 'Minutes', 'The clock starts when you open the door.', {
      type: 'number',
      required: true,
      min: 1,
      max: 1440,
      value: Math.round(template.duration / 60)
    }),
    h(
      'fieldset',
      null,
      h('legend', null, 'Who interviews with you'),
      people.length === 0
        ? h('p', { class: 'soft' }, 'Nobody else has an account yet. You can give seats later on the session’s page.')
        : people.map(one => tick(`person-${one.name}`, 'interviewers', one.display_name || one.name, '', false))
    ),
    asking((id, name, label) => tick(id, name, label, '', false), accommodating),
    h(
      'details',
      { class: 'more' },
      h('summary', null, 'What is observed, and which languages run'),
      h(
        'fieldset',
        null,
        h('legend', null, 'Observed, and shown to the candidate before they agree'),
        SWITCHES.map(([id, label, why, signals]) => tick(id, 'signals', label, why, on(policy, signals))),
        tick(
          'calibration',
          'calibration',
          'Calibration',
          'Seven seconds before the lobby, so that nobody is measured by somebody else’s face. Needs the camera check.',
          policy.calibration
        )
      ),
      h(
        'fieldset',
        null,
        h('legend', null, 'Languages for %%piston'),
        languages.map(one => tick(`language-${one}`, 'languages', one, '', policy.languages.includes(one)))
      )
    )
  ];
}

/** The REST API's NewSession. */
function request(form: HTMLFormElement, template: Template): object {
  const data = new FormData(form);
  const without = (prefix: string, name: string): string[] =>
    data.getAll(name).map(one => String(one).slice(prefix.length));
  return {
    template: template.name,
    candidate: String(data.get('candidate')).trim(),
    title: String(data.get('title')).trim(),
    duration: Number(data.get('minutes')) * 60,
    interviewers: without('person-', 'interviewers'),
    policy: {
      ...policyOf(
        template.policy,
        data.getAll('signals').map(String),
        data.has('calibration'),
        without('language-', 'languages')
      ),
      accommodations: asked(data)
    }
  };
}

function policyOf(policy: Policy, switches: string[], calibration: boolean, languages: string[]): Policy {
  const signals: Record<string, Use> = { ...policy.signals };
  for (const [id, , , names] of SWITCHES) {
    for (const name of names) {
      const before = policy.signals[name] ?? 'off';
      // What the template only notes stays noted; what it did not have at all is switched on.
      signals[name] = !switches.includes(id) ? 'off' : before !== 'off' ? before : 'on';
    }
  }
  return { ...policy, signals, calibration: calibration && switches.includes('camera'), languages };
}

/** What stands in the form's place when the session is made: the link, and what to do with it. */
export async function made(page: Common, session: Session, another: () => void): Promise<HTMLElement> {
  const link = await call<Invitation & { url: string }>(page.prefix, 'POST', `sessions/${session.id}/invitations`, {});
  return h(
    'div',
    { class: 'made' },
    h('h2', { id: 'new', tabindex: -1 }, `The session with ${session.candidate} is ready`),
    h(
      'p',
      null,
      `Send ${session.candidate} this link. It needs no account; whoever opens it is the candidate, so send it to nobody else.`
    ),
    copyable('Invitation link', link.url),
    h(
      'p',
      { class: 'soft' },
      `It works until ${moment(link.expires)}, also a second time and on another device. It is shown only now; you can make a new one, or take this one back, on the session’s page.`
    ),
    h('p', null, `The clock of ${spoken(session.clock.duration)} starts when you open the door.`),
    h(
      'div',
      { class: 'row' },
      h('a', { class: 'button', href: `${page.prefix}sessions/${session.id}` }, 'Go to the session'),
      h('button', { type: 'button', class: 'quiet', onclick: another }, 'Make another one')
    )
  );
}
