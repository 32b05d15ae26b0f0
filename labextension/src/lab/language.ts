/** The language of a notebook whose cells are programs, above it: its icon and name. A Python notebook says nothing. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';

import { h } from '../pages/dom';

export const languagePlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:language',
  autoStart: true,
  requires: [INotebookTracker],
  activate: ({ serviceManager: { kernelspecs } }: JupyterFrontEnd, tracker: INotebookTracker) => {
    tracker.widgetAdded.connect((_, panel) => {
      void kernelspecs.ready.then(() => {
        const spec = kernelspecs.specs?.kernelspecs[kernelspecs.specs.default];
        const icon = spec?.resources['logo-svg'];
        if (spec && icon && !panel.isDisposed) {
          const node = h('span', { class: 'gr-language' }, h('img', { src: icon, alt: '' }), spec.display_name);
          panel.toolbar.insertBefore('executionProgress', 'greenroom-language', new Widget({ node }));
        }
      });
    });
  }
};
