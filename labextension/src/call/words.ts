/** What the call says to a person. Pure. */

import { Seen, Standing } from '../camera/source';
import { Look, Member, Peer } from './messages';
import { Way } from './negotiation';

/** "Ada", "Ada and Ben", "Ada, Ben and Cleo". */
export function list(names: string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

const unique = (names: string[]): string[] => [...new Set(names)];
const are = (names: string[], one: string, more: string): string => (names.length === 1 ? one : more);

export function who(members: Member[], me: string): string {
  const names = unique(members.filter(one => one.name !== me).map(one => one.display_name));
  if (members.length === 0) {
    return 'Nobody is in the call.';
  }
  return names.length === 0 ? 'You are alone in the call.' : `In the call: ${list(names)}.`;
}

export interface Sent {
  camera: boolean;
  microphone: boolean;
  screen: boolean;
}

/** Who sees and hears this person now; empty when nobody does. */
export function seenBy(peers: Peer[], sent: Sent): string[] {
  const talk = peers.filter(one => one.bond === 'talk');
  const lookers = unique(peers.filter(one => one.bond === 'looks').map(one => one.display_name));
  const watchers = unique(talk.filter(one => one.showing.pictures).map(one => one.display_name));
  const hearers = unique(talk.map(one => one.display_name));
  const found: string[] = [];
  const pictures = [sent.camera && 'you', sent.screen && 'your screen'].filter(one => one !== false);
  if (watchers.length > 0 && pictures.length > 0) {
    found.push(`${list(watchers)} ${are(watchers, 'sees', 'see')} ${list(pictures)}.`);
  }
  if (hearers.length > 0 && sent.microphone) {
    found.push(`${list(hearers)} ${are(hearers, 'hears', 'hear')} you.`);
  }
  if (lookers.length > 0) {
    found.push(`${list(lookers)} ${are(lookers, 'looks', 'look')} at you through your camera, without sound.`);
  }
  return found;
}

export const asks = (look: Look): string =>
  `${look.display_name} asks to look at you through your camera, without sound. It is noted; nothing is kept of the picture.`;

export const JOINING =
  'Picture and sound go straight to the browsers of the people in the call; the server gets neither, and nothing is kept. The record says who was in the call, when, and who saw whom.';

const WAYS: Record<Way, string> = {
  finding: 'connecting …',
  open: '',
  shaken: 'the connection is unsteady …',
  mending: 'the connection broke; another way is tried …',
  lost: 'no connection'
};

export const standing = (way: Way): string => WAYS[way];

/** What is in the way when no way was found, and who can do something. */
export function noWay(names: string[], relay: boolean): string {
  const whom = list(names);
  return relay
    ? `No way to ${whom} was found, not even through the relay. It is tried again; a firewall may be in between.`
    : `No direct way to ${whom} was found. Your networks would need a relay (TURN), and this server has none set up: ask the person who runs it. It is tried again.`;
}

const CAMERA: Partial<Record<Standing, string>> = {
  denied: 'Your camera is not sent: the browser does not allow it.',
  missing: 'Your camera is not sent: there is none.',
  busy: 'Your camera is not sent: another program uses it.',
  unplugged: 'Your camera is not sent: it was unplugged.',
  muted: 'Your camera is not sent: a switch has turned it off.',
  insecure: 'Your camera is not sent: this page was not opened over https.',
  unsupported: 'Your camera is not sent: this browser has no way to.',
  failed: 'Your camera is not sent: it did not start.'
};

export const cameraTrouble = (seen: Seen | null): string => (seen === null ? '' : (CAMERA[seen.standing] ?? ''));
