/** A drive with one notebook in it, whose content comes over the document's socket. Nothing is read or saved by REST. */

import { YNotebook } from '@jupyter/ydoc';
import { Contents, ServerConnection, User } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { room, socketUrl } from './config';
import { Kept } from './kept';
import { Provider } from './provider';

const LONG_AGO = new Date(0).toISOString();
const refused = (): never => {
  throw new Error('A room has one notebook, and it is always saved.');
};

const keptFor = (doc: YNotebook['ydoc']): Kept =>
  new Kept(localStorage, `greenroom-kept:${room.session}:${room.me.name}:`, String(doc.clientID));

export class RoomDrive implements Contents.IDrive {
  constructor(
    private readonly user: User.IManager,
    readonly serverSettings: ServerConnection.ISettings
  ) {}

  readonly name = room.notebook.drive;
  readonly fileChanged = new Signal<this, Contents.IChangedArgs>(this);
  readonly opened = new Signal<this, Provider>(this);
  provider: Provider | null = null;
  /** Whether nothing may be written for a while, so that what is not saved yet waits in this browser. */
  held = room.seat === 'candidate' && room.state === 'paused';
  isDisposed = false;

  readonly sharedModelFactory: Contents.ISharedFactory = {
    collaborative: true,
    createNew: options => {
      if (options.contentType !== 'notebook' || !options.collaborative) {
        return undefined;
      }
      const model = new YNotebook({ disableDocumentWideUndoRedo: true });
      const kept = keptFor(model.ydoc);
      const provider = new Provider(socketUrl(room.paths.document), model.ydoc, model.awareness, kept, this.held);
      const name = (): void => model.awareness.setLocalStateField('user', this.user.identity);
      void this.user.ready.then(name);
      model.disposed.connect(() => provider.dispose());
      this.provider = provider;
      this.opened.emit(provider);
      return model;
    }
  };

  hold(held: boolean): void {
    this.held = held;
    this.provider?.hold(held);
  }

  dispose(): void {
    this.isDisposed = true;
  }

  async get(path: string, options?: Contents.IFetchOptions): Promise<Contents.IModel> {
    const model = { name: path, path, writable: true, created: LONG_AGO, last_modified: LONG_AGO, mimetype: '' };
    if (path === '') {
      return { ...model, type: 'directory', format: 'json', content: [] };
    }
    if (options?.content !== false) {
      await this.provider?.synced;
    }
    return { ...model, type: 'notebook', format: 'json', content: null };
  }

  save(path: string): Promise<Contents.IModel> {
    return this.get(path, { content: false });
  }

  getDownloadUrl = async (): Promise<string> => refused();
  newUntitled = async (): Promise<Contents.IModel> => refused();
  delete = async (): Promise<void> => refused();
  rename = async (): Promise<Contents.IModel> => refused();
  copy = async (): Promise<Contents.IModel> => refused();
  createCheckpoint = async (): Promise<Contents.ICheckpointModel> => ({ id: '0', last_modified: LONG_AGO });
  listCheckpoints = async (): Promise<Contents.ICheckpointModel[]> => [];
  restoreCheckpoint = async (): Promise<void> => undefined;
  deleteCheckpoint = async (): Promise<void> => undefined;
}
