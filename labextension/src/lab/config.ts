/** What the page told us: the option `greenroom`, written by the service. */

import { PageConfig } from '@jupyterlab/coreutils';

import { Policy } from '../pages/api';
import { Seat, State } from '../wire/messages';

export interface RoomConfig {
  session: string;
  title: string;
  seat: Seat;
  state: State;
  me: { username: string; name: string; display_name: string };
  /** The fingerprint of all code of ours that this page may run. */
  bundle: string;
  policy: Policy;
  notebook: { drive: string; name: string; path: string };
  paths: {
    document: string;
    presence: string;
    wire: string;
    call: string;
    api: string;
    camera: string;
    exit: string;
    frame: string;
    programs: string;
  };
}

export const room = JSON.parse(PageConfig.getOption('greenroom') || '{}') as RoomConfig;

/** Whether the policy has a signal, and this page is the one that reports it. */
export const reports = (signal: string): boolean =>
  room.seat === 'candidate' && (room.policy.signals[signal] ?? 'off') !== 'off';

/** A websocket's address on the page's own origin. */
export const socketUrl = (path: string): string => `${location.origin.replace(/^http/, 'ws')}${path}`;
