/** Who is here, for the panel of collaborators. */

import { IAwarenessProviderFactory } from '@jupyter/docprovider';
import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Awareness } from 'y-protocols/awareness';
import { Doc } from 'yjs';

import { room, socketUrl } from './config';
import { Provider } from './provider';

export const presencePlugin: JupyterFrontEndPlugin<IAwarenessProviderFactory> = {
  id: '@greenroom/lab:presence',
  provides: IAwarenessProviderFactory,
  activate: () => ({
    create: options => {
      const awareness = options.awareness as Awareness;
      const provider = new Provider(socketUrl(room.paths.presence), awareness.doc as Doc, awareness);
      void options.user.ready.then(() => awareness.setLocalStateField('user', options.user.identity));
      return { awareness: options.awareness, isDisposed: false, dispose: () => provider.dispose() };
    }
  })
};
