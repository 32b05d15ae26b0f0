/** The members of staff, for an admin of a house without a sign-in provider: who they are, and the links that sign them in. */

import { call, Common, Person } from '../api';
import { copyable } from '../copy';
import { h, replace } from '../dom';
import { Note } from '../frame';

const ROLES: Record<string, string> = {
  admin: 'Admin: sees and does everything',
  organiser: 'Organiser',
  interviewer: 'Interviewer: makes sessions and holds them',
  invigilator: 'Invigilator',
  reviewer: 'Reviewer',
  observer: 'Observer: looks on'
};
const OFFERED = ['interviewer', 'observer', 'admin'];

export class People {
  readonly node = h('section', { class: 'panel', 'aria-labelledby': 'people' });

  constructor(
    private readonly page: Common,
    private readonly changed: () => Promise<void>
  ) {
    const [name, shown] = [input('person', 'email'), input('shown', 'name')];
    const role = h(
      'select',
      { id: 'role' },
      OFFERED.map(one => h('option', { value: one }, ROLES[one]))
    );
    const button = h('button', { type: 'submit' }, 'Make a sign-in link');
    const form = h('form', {
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        const id = name.value.trim().toLowerCase();
        void this.note.during(button, () =>
          this.add(id, shown.value.trim() || id, role.value).then(() => form.reset())
        );
      }
    });
    replace(
      form,
      field(name, 'Account', 'A mail address or a short name: small letters, digits and @ . _ + -'),
      field(shown, 'Name', 'As others read it.'),
      h('div', { class: 'field' }, h('label', { for: 'role' }, 'Role'), role),
      this.note.node,
      this.fresh,
      h('div', { class: 'row' }, button)
    );
    replace(
      this.node,
      h('h2', { id: 'people' }, 'Colleagues'),
      h('p', { class: 'soft' }, 'Staff sign in here by one-time links that you make and send them.'),
      this.list,
      form
    );
  }

  async draw(): Promise<void> {
    const people = await call<Person[]>(this.page.prefix, 'GET', 'people');
    replace(
      this.list,
      people.map(one => this.line(one))
    );
  }

  private line(one: Person): HTMLElement {
    const name = one.display_name || one.name;
    const button = h(
      'button',
      {
        type: 'button',
        class: 'quiet small',
        'aria-label': `New link for ${name}`,
        onclick: () => void this.note.during(button, () => this.link(one.name, name))
      },
      'New link'
    );
    const role = (ROLES[one.role] ?? one.role).split(':')[0];
    return h('li', null, h('span', null, `${name} – ${role}`), one.name !== this.page.me?.name && button);
  }

  private async add(name: string, shown: string, role: string): Promise<void> {
    await call(this.page.prefix, 'PUT', path(name), { display_name: shown, role });
    await this.draw();
    await this.link(name, shown);
    await this.changed();
  }

  private async link(name: string, shown: string): Promise<void> {
    const { url } = await call<{ url: string }>(this.page.prefix, 'POST', `${path(name)}/link`, {});
    replace(
      this.fresh,
      copyable(`Sign-in link of ${shown}`, url),
      h('p', { class: 'soft' }, `Send it to ${shown} only. It works once, within an hour, and is shown only now.`)
    );
    this.fresh.querySelector('input')?.focus();
  }

  private readonly note = new Note();
  private readonly fresh = h('div');
  private readonly list = h('ul', { class: 'lines' });
}

const path = (name: string): string => `people/${encodeURIComponent(name)}`;

function input(id: string, kind: string): HTMLInputElement {
  return h('input', {
    id,
    required: id === 'person',
    maxlength: 200,
    autocomplete: 'off',
    autocapitalize: 'none',
    inputmode: kind === 'email' ? 'email' : 'text',
    'aria-describedby': `${id}-why`
  });
}

function field(control: HTMLInputElement, label: string, why: string): HTMLElement {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: control.id }, label),
    control,
    h('small', { id: `${control.id}-why` }, why)
  );
}
