/**
 * A frame for what a cell prints and what wants to run: of an origin that is nobody's, without network, popups, forms
 * or a way to the page around it. What it may say comes over one channel: its height, and what a widget saves.
 */

import { Content, FromFrame, Look, ToFrame } from './messages';

const [LOWEST, HIGHEST] = [24, 2000]; // pixels: a line of text; three screens, and the frame scrolls within
const BUDGET = 300; // messages a frame may send in a second: a slider that is dragged sends 60
const SECOND = 1000; // milliseconds
const RECENT = 1000; // milliseconds: by Tab a frame gets the keyboard, under somebody's other keys it does not
const LONGEST = 200; // letters of what a frame wants to be told to a person

/** The libraries that draw, from our own files; fetched once for all frames of a page. */
const PROGRAMS: Partial<Record<Content['kind'], string>> = { plotly: 'plotly.js', vega: 'vega.js' };
const fetched = new Map<string, Promise<string>>();

export interface FrameOptions {
  /** The address of the frame's empty page. */
  page: string;
  /** Where the libraries that draw are, with a slash at the end. */
  programs: string;
  /** What is shown, asked again each time the browser loads the frame. */
  content: () => Content;
  /** Whether people may use what is in it. */
  usable?: boolean;
  heard?: (message: FromFrame) => void;
}

export class Frame {
  constructor(private readonly options: FrameOptions) {
    this.frame.setAttribute('sandbox', 'allow-scripts');
    this.frame.title = 'Output of a cell';
    this.frame.className = 'gr-frame';
    this.frame.src = options.page;
    this.frame.style.height = '150px';
    if (options.usable === false) {
      this.frame.style.pointerEvents = 'none';
      this.frame.tabIndex = -1;
    }
    this.frame.addEventListener('load', () => void this.begin());
    this.note.className = 'gr-frame-note';
    this.note.hidden = true;
    this.node.append(this.frame, this.note);
    frames.add(this);
    keepKeyboard();
  }

  readonly node = document.createElement('div');

  post(message: ToFrame): void {
    try {
      this.port?.postMessage(message);
    } catch {
      // what cannot be copied is not for a frame: a model that stands for another widget
    }
  }

  dispose(): void {
    frames.delete(this);
    this.port?.close();
    this.port = null;
    this.frame.remove();
  }

  /** It took the keyboard while somebody wrote elsewhere. As long as it is there it would take it again. */
  putAway(): void {
    this.frame.remove();
    this.say('This output wanted the keyboard while you were elsewhere, and was put away. ');
    const show = document.createElement('button');
    show.type = 'button';
    show.className = 'gr-button';
    show.textContent = 'Show this output';
    show.onclick = () => {
      frames.delete(this); // from now on it may have the keyboard: its reader says so
      this.note.hidden = true;
      this.node.prepend(this.frame);
    };
    this.note.append(show);
  }

  /** A browser loads a frame anew whenever it was moved in the page: it begins from the start then. */
  private async begin(): Promise<void> {
    const content = this.options.content();
    const program = await programOf(this.options.programs, content).catch(() => null);
    if (program === null) {
      this.say('The program that draws this could not be loaded. Reload the page to try again.');
      return;
    }
    this.port?.close();
    const channel = new MessageChannel();
    this.port = channel.port1;
    channel.port1.onmessage = event => this.hear(event.data as FromFrame);
    this.frame.contentWindow?.postMessage('greenroom', '*', [channel.port2]);
    this.post({ type: 'show', content, program, look: look() });
  }

  private hear(message: FromFrame): void {
    const now = performance.now();
    if (now - this.since > SECOND) {
      [this.since, this.heard] = [now, 0];
    }
    if (++this.heard > BUDGET) {
      this.dispose();
      this.say('This output said too much to the page at once and was stopped. Run the cell again to see it.');
    } else if (message?.type === 'height' && Number.isFinite(message.pixels)) {
      this.frame.style.height = `${Math.min(HIGHEST, Math.max(LOWEST, Math.ceil(message.pixels)))}px`;
    } else if (message?.type === 'blocked') {
      const what = String(message.what).slice(0, LONGEST);
      this.say(
        `This output wanted something from elsewhere (${what}). Outputs here have no network, so it is missing.`
      );
    } else if (message?.type === 'failed') {
      this.say(`This output could not be shown in full: ${String(message.why).slice(0, LONGEST)}`);
    } else if (message) {
      this.options.heard?.(message);
    }
  }

  /** In words of ours, beside the frame: no frame writes in the page. */
  private say(text: string): void {
    this.note.hidden = false;
    this.note.textContent = text;
  }

  readonly frame = document.createElement('iframe');
  private readonly note = document.createElement('p');
  private port: MessagePort | null = null;
  private since = 0;
  private heard = 0;
}

const frames = new Set<Frame>();

async function programOf(programs: string, { kind }: Content): Promise<string> {
  const file = PROGRAMS[kind];
  if (file === undefined) {
    return '';
  }
  const known = fetched.get(file) ?? fetch(`${programs}${file}`).then(textOf);
  fetched.set(file, known);
  known.catch(() => fetched.delete(file));
  return known;
}

async function textOf(answer: Response): Promise<string> {
  if (!answer.ok) {
    throw new Error(`${answer.url} was not found`);
  }
  return answer.text();
}

function look(): Look {
  const style = getComputedStyle(document.body);
  return {
    dark: document.body.dataset.jpThemeLight === 'false',
    text: style.getPropertyValue('--jp-content-font-color1').trim(),
    ground: style.getPropertyValue('--jp-layout-color0').trim()
  };
}

let keeping = false;

/** No output takes the keyboard: it gets it from a person's hand, by the pointer or the Tab key. */
function keepKeyboard(): void {
  if (keeping) {
    return;
  }
  keeping = true;
  let [last, typed, tabbed]: [Element | null, number, number] = [null, -Infinity, -Infinity];
  document.addEventListener('focusin', event => {
    last = event.target instanceof HTMLIFrameElement ? last : (event.target as Element);
  });
  const typing = (event: KeyboardEvent): void => {
    [typed, tabbed] = event.key === 'Tab' ? [typed, performance.now()] : [performance.now(), tabbed];
  };
  document.addEventListener('keydown', typing, true);
  window.addEventListener('blur', () => {
    const taken = [...frames].find(one => one.frame === document.activeElement);
    const now = performance.now();
    const meant = now - tabbed < RECENT || (taken?.frame.matches(':hover') && now - typed > RECENT);
    if (taken && !meant && last instanceof HTMLElement) {
      taken.putAway();
      last.focus({ preventScroll: true });
    }
  });
  new MutationObserver(() => frames.forEach(one => one.post({ type: 'look', look: look() }))).observe(document.body, {
    attributeFilter: ['data-jp-theme-light']
  });
}
