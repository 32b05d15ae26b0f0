/** What the page told us: the option `greenroom`, written by the service. */

import { PageConfig } from '@jupyterlab/coreutils';

export interface RoomConfig {
  session: string;
  title: string;
  seat: 'candidate' | 'interviewer' | 'observer';
  state: string;
  notebook: { drive: string; name: string; path: string };
  paths: { document: string; presence: string; wire: string; api: string; exit: string };
}

export const room = JSON.parse(PageConfig.getOption('greenroom') || '{}') as RoomConfig;

/** A websocket's address on the page's own origin. */
export const socketUrl = (path: string): string => `${location.origin.replace(/^http/, 'ws')}${path}`;
