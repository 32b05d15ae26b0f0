/** The two decisions of a connection, as tables: whether a description is taken, and what is done about the way to a peer. */

import { Description } from './messages';

export type Verdict = 'take' | 'ignore';

/**
 * Perfect negotiation (W3C webrtc-pc, 10.7): of two offers that meet, the polite side's gives way. `busy`: an offer of
 * our own is being made or is on its way.
 */
const OFFERS: Record<'free' | 'busy', Record<'polite' | 'impolite', Verdict>> = {
  free: { polite: 'take', impolite: 'take' },
  busy: { polite: 'take', impolite: 'ignore' }
};

/** An answer is taken to an offer that is out, and to nothing else: one that comes twice was said again. */
const ANSWERS: Record<RTCSignalingState, Verdict> = {
  'have-local-offer': 'take',
  'have-remote-pranswer': 'take',
  'have-remote-offer': 'ignore',
  'have-local-pranswer': 'ignore',
  stable: 'ignore',
  closed: 'ignore'
};

export interface Negotiation {
  signaling: RTCSignalingState;
  /** Our offer is being made. */
  making: boolean;
  /** An answer to our offer is being applied. */
  answering: boolean;
  polite: boolean;
}

export function judge(kind: Description, now: Negotiation): Verdict {
  if (kind === 'answer') {
    return ANSWERS[now.signaling];
  }
  const busy = now.making || (now.signaling !== 'stable' && !now.answering);
  return OFFERS[busy ? 'busy' : 'free'][now.polite ? 'polite' : 'impolite'];
}

/** How the way to a peer stands. `lost`: none was found, and it is tried again now and then. */
export type Way = 'finding' | 'open' | 'shaken' | 'mending' | 'lost';

/** What happens to it. `late`: its time was over; `again`: another network, a reconnection, or the person's wish. */
export type Happening = 'connected' | 'disconnected' | 'failed' | 'late' | 'again';

export interface Step {
  way: Way;
  /** Whether other addresses are tried: an ICE restart. */
  restart: boolean;
}

const to = (way: Way, restart = false): Step => ({ way, restart });

export const WAYS: Record<Way, Record<Happening, Step>> = {
  finding: {
    connected: to('open'),
    disconnected: to('finding'),
    failed: to('mending', true),
    late: to('mending', true),
    again: to('finding', true)
  },
  open: {
    connected: to('open'),
    disconnected: to('shaken'),
    failed: to('mending', true),
    late: to('open'),
    again: to('mending', true)
  },
  shaken: {
    connected: to('open'),
    disconnected: to('shaken'),
    failed: to('mending', true),
    late: to('mending', true),
    again: to('mending', true)
  },
  mending: {
    connected: to('open'),
    disconnected: to('mending'),
    failed: to('lost'),
    late: to('lost'),
    again: to('mending', true)
  },
  lost: {
    connected: to('open'),
    disconnected: to('lost'),
    failed: to('lost'),
    late: to('lost', true),
    again: to('mending', true)
  }
};

/** Milliseconds after which it is `late`. A way that is shaken often comes back by itself; one that is open needs none. */
export const PATIENCE: Record<Way, number | null> = {
  finding: 10_000,
  open: null,
  shaken: 2000,
  mending: 8000,
  lost: 15_000
};
