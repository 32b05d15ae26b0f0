/** Times as people read them: in the reader's own zone, which is named. */

/** "Mon, 23 Nov, 14:05 CET" */
export function moment(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short'
  });
}

/** "Monday, 23 November 2026 at 14:05:09 CET (13:05:09 UTC)": for what somebody may have to prove. */
export function exact(milliseconds: number): string {
  const local = new Date(milliseconds).toLocaleString(undefined, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short'
  });
  return zone(milliseconds) === 'UTC' ? local : `${local} (${new Date(milliseconds).toISOString().slice(11, 19)} UTC)`;
}

/** "14:05:09" */
export function second(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit'
  });
}

/** "CET", to stand once above many times. */
export function zone(milliseconds: number): string {
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' }).formatToParts(milliseconds);
  return parts.find(part => part.type === 'timeZoneName')?.value ?? 'local time';
}

/** Seconds on a clock: 59:05, 1:00:00. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Seconds as people say them: "45 minutes", "1 hour 30 minutes", "20 seconds". */
export function spoken(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) {
    return many(whole, 'second');
  }
  const [hours, minutes] = [Math.floor(whole / 3600), Math.round((whole % 3600) / 60)];
  return [hours > 0 ? many(hours, 'hour') : '', minutes > 0 ? many(minutes, 'minute') : ''].filter(Boolean).join(' ');
}

/** "1 cell", "3 cells" */
export const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** "4 kB" */
export function size(bytes: number): string {
  return bytes < 1000
    ? many(bytes, 'byte')
    : bytes < 1e6
      ? `${Math.round(bytes / 1e3)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`;
}
