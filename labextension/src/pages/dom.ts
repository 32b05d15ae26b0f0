/** A small way to build elements: text is always text, never HTML. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | boolean | EventListener | undefined>;

export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name.replace(/^on/, ''), value);
    } else if (value === true) {
      made.setAttribute(name, '');
    } else if (typeof value === 'string') {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter((one): one is Node | string => one instanceof Node || typeof one === 'string'));
  return made;
}

/** Puts new content on the page and takes the reader there. */
export function show(...children: Child[]): void {
  const page = document.getElementById('page');
  page?.replaceChildren(
    ...children.filter((one): one is Node | string => one instanceof Node || typeof one === 'string')
  );
}

export function props<T>(): T {
  return JSON.parse(document.body.dataset.props ?? '{}') as T;
}

/** A moment in the reader's own zone, with the zone's name. */
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

/** Seconds as people say them: 59:05, 1:00:00. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
