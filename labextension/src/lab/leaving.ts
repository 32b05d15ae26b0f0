/** Whether this page leaves the room by itself: then nobody is asked whether they mean it. */

export const leaving = { now: false };

/** Out of the room; once. */
export function leave(to: string): void {
  if (!leaving.now) {
    leaving.now = true;
    location.href = to;
  }
}
