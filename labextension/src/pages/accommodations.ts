/** What is different for one candidate: said on the pages of both sides, and asked for when a session is made. */

import { Accommodation } from './api';
import { Child, h } from './dom';
import { accommodationInWords } from './words';

export function accommodations(all: Accommodation[]): HTMLElement | null {
  return all.length === 0
    ? null
    : h(
        'div',
        { class: 'accommodations' },
        h('h3', null, 'Accommodations'),
        h(
          'ul',
          null,
          all.map(one => h('li', null, accommodationInWords(one)))
        )
      );
}

/** A switch of the form → the accommodation it stands for. */
const CHOICES: [id: string, label: string, made: Omit<Accommodation, 'reason'>][] = [
  ['no-camera', 'Without the camera', { adjustment: 'camera_off' }],
  ['no-gaze', 'Where they look is not judged', { adjustment: 'signal_off', signal: 'gaze' }],
  ['no-fullscreen', 'No fullscreen', { adjustment: 'signal_off', signal: 'fullscreen' }],
  ['no-focus', 'Another window may have the keyboard', { adjustment: 'signal_off', signal: 'focus' }],
  ['no-visibility', 'The page may be hidden', { adjustment: 'signal_off', signal: 'visibility' }]
];

/** The part of the form. */
export function asking(tick: (id: string, name: string, label: string) => Child, text: (id: string) => Child): Child {
  return h(
    'details',
    { class: 'more' },
    h('summary', null, 'Accommodations for this candidate'),
    h(
      'fieldset',
      null,
      h('legend', null, 'What is different for them'),
      CHOICES.map(([id, label]) => tick(id, 'accommodations', label))
    ),
    text('more-minutes'),
    text('accommodation-reason')
  );
}

/** What the form says. Throws when the reason is missing. */
export function asked(data: FormData): Accommodation[] {
  const chosen = data.getAll('accommodations').map(String);
  const minutes = Number(data.get('more-minutes') ?? 0);
  const reason = String(data.get('accommodation-reason') ?? '').trim();
  const made = [
    ...CHOICES.filter(([id]) => chosen.includes(id)).map(([, , one]) => one),
    ...(minutes > 0 ? [{ adjustment: 'more_time' as const, minutes }] : [])
  ];
  if (made.length > 0 && !reason) {
    throw new Error('The session was not made. An accommodation needs a reason: write it below “Accommodations”.');
  }
  return made.map(one => ({ ...one, reason }));
}
