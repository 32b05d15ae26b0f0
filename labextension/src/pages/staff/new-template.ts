/** A notebook from one's own disk becomes a template, with its data files beside it. */

import { call, Common, Template } from '../api';
import { h, replace } from '../dom';
import { Note } from '../frame';

const LARGEST = 20_000_000; // bytes of all files: the service takes a request of 32 MiB, and base64 makes a third more

export function newTemplate(page: Common, done: (template: Template) => Promise<void>): HTMLElement {
  const note = new Note();
  const notebook = h('input', {
    type: 'file',
    id: 'notebook',
    accept: '.ipynb',
    required: true,
    'aria-describedby': 'notebook-why'
  });
  const data = h('input', { type: 'file', id: 'data', multiple: true, 'aria-describedby': 'data-why' });
  const button = h('button', { type: 'submit', class: 'quiet' }, 'Add the template');
  const send = async (): Promise<void> => {
    const template = await call<Template>(page.prefix, 'POST', 'templates', await read(notebook, data));
    form.reset();
    await done(template);
    note.say(`“${template.title}” can be chosen above.`);
  };
  const form = h('form', {
    onsubmit: (event: SubmitEvent) => {
      event.preventDefault();
      void note.during(button, send);
    }
  });
  replace(
    form,
    field(notebook, 'Notebook', 'An .ipynb file. One of the same name becomes its new version; sessions keep theirs.'),
    field(data, 'Data files', 'They lie beside the notebook when a cell opens them.'),
    note.node,
    h('div', { class: 'row' }, button)
  );
  return h('details', { class: 'more' }, h('summary', null, 'Add a template of your own'), form);
}

function field(input: HTMLInputElement, label: string, why: string): HTMLElement {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: input.id }, label),
    input,
    h('small', { id: `${input.id}-why` }, why)
  );
}

/** The REST API's NewTemplate. */
async function read(notebook: HTMLInputElement, data: HTMLInputElement): Promise<object> {
  const [file] = notebook.files ?? [];
  const beside = [...(data.files ?? [])];
  const bytes = [file, ...beside].reduce((sum, one) => sum + one.size, 0);
  if (bytes > LARGEST) {
    throw new Error(
      `These files have ${(bytes / 1e6).toFixed(1)} MB together, and 20 are the most here. Put the notebook with its data into notebooks/ and start Greenroom again.`
    );
  }
  let content: unknown;
  try {
    content = JSON.parse(await file.text());
  } catch {
    throw new Error(`${file.name} is no notebook: it is not JSON. Choose a file that Jupyter saved.`);
  }
  const stem = file.name.replace(/\.ipynb$/i, '');
  const files = await Promise.all(beside.map(async one => [one.name, await base64(one)]));
  return { name: named(stem), title: stem.replaceAll('_', ' '), notebook: content, files: Object.fromEntries(files) };
}

/** What a template may be called: letters of ASCII, digits, - and _. */
function named(stem: string): string {
  return (
    stem
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^[-_]+/, '')
      .slice(0, 80) || 'template'
  );
}

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 32768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  }
  return btoa(text);
}
