/** How the candidate's page stands, in words for staff: "gone" and "quiet" are different things, and neither is anybody's fault. */

import { Standing } from '../wire/messages';
import { second } from './time';

export function standingInWords({ presence, heard }: Standing, offset: number): string {
  const at = heard === null || heard === undefined ? '' : second(heard - offset);
  return presence === 'gone'
    ? `The candidate’s page is gone: closed, or without network. Last heard at ${at}.`
    : presence === 'quiet'
      ? `The candidate’s page is connected and quiet: in the background, asleep, or the network hangs. Last heard at ${at}.`
      : '';
}
