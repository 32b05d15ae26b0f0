/** The call, on a session's page: to talk with whoever is in the session, or to look in. */

import { mountCall } from '../../call';
import { Seat } from '../../wire/messages';
import { WireEvent } from '../../wire/wire';
import { Common, Session } from '../api';
import { h } from '../dom';

export interface CallPanel {
  node: HTMLElement;
  hear(event: WireEvent): void;
}

/** Empty for whoever has no seat: an admin who only reads is in no call. */
export function callPanel(page: Common, session: Session): CallPanel {
  const place = h('div');
  const node = h(
    'section',
    { class: 'panel', 'aria-labelledby': 'call' },
    h('h2', { id: 'call' }, 'See and hear each other'),
    place
  );
  if (session.seat === null || page.me === null) {
    return { node, hear: () => undefined };
  }
  const { call } = mountCall(place, {
    session: session.id,
    seat: session.seat as Seat,
    me: page.me.name,
    path: `${page.prefix}api/v1/sessions/${session.id}/call`
  });
  window.addEventListener('pagehide', event => event.persisted || call.dispose());
  return { node, hear: event => call.hear(event) };
}
