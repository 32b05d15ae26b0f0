/** What runs in the frame of an output: it draws what the page hands over, and tells its height. */

import { AnyModel, runWidget } from './anywidget';
import { Content, FromFrame, Look, ToFrame } from './messages';

interface Libraries {
  Plotly?: { newPlot(host: Element, figure: object): Promise<unknown> };
  greenroomVega?: (host: Element, spec: unknown) => Promise<unknown>;
}

let model: AnyModel | null = null;

const begin = (event: MessageEvent): void => {
  if (event.source !== window.parent || event.ports.length !== 1) {
    return;
  }
  window.removeEventListener('message', begin);
  const port = event.ports[0];
  const tell = (message: FromFrame): void => port.postMessage(message);
  port.onmessage = ({ data }: MessageEvent<ToFrame>) => hear(data, tell);
  // Nothing here has anything to say by another way.
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) {
    Reflect.deleteProperty(window, name);
  }
  document.addEventListener('securitypolicyviolation', violation => {
    tell({ type: 'blocked', what: violation.blockedURI || violation.effectiveDirective });
  });
  const measure = (): void => tell({ type: 'height', pixels: document.documentElement.getBoundingClientRect().height });
  new ResizeObserver(measure).observe(document.documentElement);
};

window.addEventListener('message', begin);

function hear(message: ToFrame, tell: (message: FromFrame) => void): void {
  if (message.type === 'show') {
    dress(message.look);
    void show(message.content, message.program, tell).catch((error: unknown) =>
      tell({ type: 'failed', why: String(error) })
    );
  } else if (message.type === 'look') {
    dress(message.look);
  } else if (message.type === 'changed') {
    model?.take(message.state);
  } else {
    model?.say(message.content, message.buffers);
  }
}

function dress({ dark, text, ground }: Look): void {
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  document.body.style.color = text;
  document.body.style.backgroundColor = ground;
}

async function show(content: Content, program: string, tell: (message: FromFrame) => void): Promise<void> {
  if (program !== '') {
    run(program);
  }
  const libraries = window as Libraries;
  const host = document.createElement('div');
  if (content.kind === 'html') {
    host.innerHTML = content.html;
    document.body.append(host);
    revive(host);
    return;
  }
  document.body.append(host);
  if (content.kind === 'plotly') {
    await libraries.Plotly?.newPlot(host, { config: { responsive: true }, ...(content.figure as object) });
  } else if (content.kind === 'vega') {
    await libraries.greenroomVega?.(host, content.spec);
  } else {
    model = new AnyModel(content.state, tell);
    await runWidget(content, model, host);
  }
}

function run(program: string): void {
  const script = document.createElement('script');
  script.textContent = program;
  document.head.append(script);
}

/** Scripts that came by innerHTML do not run: each is made again, in order. */
function revive(host: Element): void {
  for (const old of host.querySelectorAll('script')) {
    const made = document.createElement('script');
    for (const { name, value } of old.attributes) {
      made.setAttribute(name, value);
    }
    made.async = false;
    made.textContent = old.textContent;
    old.replaceWith(made);
  }
}
