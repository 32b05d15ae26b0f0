/** Keeps one Yjs document the same as the service's, and carries commands in order with the edits before them. */

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { Signal } from '@lumino/signaling';
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import { applyUpdate, Doc } from 'yjs';

import { RoomCommand, RoomNotice } from '../wire/messages';
import { Kept } from './kept';

const [SYNC, AWARENESS, NOTICE, COMMAND] = [0, 1, 5, 6];
const [FIRST_WAIT, LONGEST_WAIT] = [200, 3000]; // milliseconds between two tries to connect

export interface Standing {
  connected: boolean;
  saved: boolean;
}

export class Provider {
  constructor(
    private readonly url: string,
    private readonly doc: Doc,
    readonly awareness: Awareness,
    private readonly kept: Kept | null = null,
    private held = false
  ) {
    window.addEventListener('pagehide', this.onHide);
    doc.on('update', this.onUpdate);
    awareness.on('update', this.onAwareness);
    this.connect();
  }

  readonly synced = new Promise<void>(resolve => (this.resolve = resolve));
  readonly noticed = new Signal<this, RoomNotice>(this);
  readonly changed = new Signal<this, Standing>(this);
  /** Why the service closed the connection for good, in its own words. */
  readonly closed = new Signal<this, string>(this);

  /** The cells that this page asked to run, and that are not done. */
  readonly asked = new Set<string>();

  dispose(): void {
    this.disposed = true;
    if (this.held) {
      this.kept?.write(); // it came too late for the pause, and is sent when that is over
    } else {
      this.kept?.clear(); // a document that is thrown away was refused, and said so
    }
    window.removeEventListener('pagehide', this.onHide);
    clearTimeout(this.timer);
    this.doc.off('update', this.onUpdate);
    this.awareness.off('update', this.onAwareness);
    removeAwarenessStates(this.awareness, [this.doc.clientID], 'local');
    this.socket?.close();
    Signal.clearData(this);
  }

  /** Keeps what waits in this browser, or lets it go to the service. */
  hold(held: boolean): void {
    const goesOn = this.held && !held;
    this.held = held;
    if (goesOn) {
      this.restore();
    }
  }

  run(cell: string): Promise<string> {
    const request = ++this.requests;
    return new Promise(resolve => {
      this.asked.add(cell);
      this.waiting.set(request, status => {
        this.asked.delete(cell);
        resolve(status);
      });
      if (!this.command({ type: 'run', cell, request })) {
        this.waiting.get(request)?.('offline');
        this.waiting.delete(request);
      }
    });
  }

  reply(prompt: string, value: string): void {
    this.command({ type: 'reply', prompt, value });
  }

  private command(message: RoomCommand): boolean {
    return this.send(encoder => {
      encoding.writeVarUint(encoder, COMMAND);
      encoding.writeVarString(encoder, JSON.stringify(message));
    });
  }

  private connect(): void {
    const socket = (this.socket = new WebSocket(this.url));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.sent = this.stored = 0;
      this.send(encoder => {
        encoding.writeVarUint(encoder, SYNC);
        writeSyncStep1(encoder, this.doc);
      });
      this.sendAwareness([this.doc.clientID]);
      this.tell();
    };
    socket.onmessage = event => this.read(new Uint8Array(event.data as ArrayBuffer));
    socket.onclose = event => this.onClose(event);
  }

  private onClose(event: CloseEvent): void {
    if (this.disposed) {
      return;
    }
    for (const resolve of this.waiting.values()) {
      resolve('offline');
    }
    this.waiting.clear();
    const others = [...this.awareness.getStates().keys()].filter(id => id !== this.doc.clientID);
    removeAwarenessStates(this.awareness, others, this);
    this.tell();
    if (event.code >= 4400 && event.code < 4500) {
      this.closed.emit(event.reason);
      return;
    }
    this.timer = window.setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }

  private read(data: Uint8Array): void {
    const decoder = decoding.createDecoder(data);
    const kind = decoding.readVarUint(decoder);
    if (kind === SYNC) {
      const answer = encoding.createEncoder();
      encoding.writeVarUint(answer, SYNC);
      const step = readSyncMessage(decoder, answer, this.doc, this);
      if (encoding.length(answer) > 1) {
        this.socket?.send(encoding.toUint8Array(answer));
        this.sent += 1; // the service counts it as an update: what was typed offline travels in it
        this.tell();
      }
      if (step === 1) {
        if (!this.held) {
          this.restore();
        }
        this.resolve();
      }
    } else if (kind === AWARENESS) {
      applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this);
    } else if (kind === NOTICE) {
      this.hear(JSON.parse(decoding.readVarString(decoder)) as RoomNotice);
    }
  }

  private restore(): void {
    this.kept?.take().forEach(update => applyUpdate(this.doc, update)); // and so they are sent
  }

  private hear(notice: RoomNotice): void {
    if (notice.type === 'done') {
      this.waiting.get(notice.request)?.(notice.status);
      this.waiting.delete(notice.request);
    } else if (notice.type === 'saved') {
      this.stored = notice.updates;
      if (this.stored >= this.sent) {
        this.kept?.clear();
      }
      this.tell();
    }
    this.noticed.emit(notice);
  }

  private readonly onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) {
      return;
    }
    this.kept?.add(update);
    const sent = this.send(encoder => {
      encoding.writeVarUint(encoder, SYNC);
      writeUpdate(encoder, update);
    });
    this.sent += sent ? 1 : 0;
    this.tell();
  };

  private readonly onHide = (): void => this.kept?.write();

  private readonly onAwareness = (
    change: { added: number[]; updated: number[]; removed: number[] },
    origin: unknown
  ): void => {
    if (origin !== this) {
      this.sendAwareness([...change.added, ...change.updated, ...change.removed]);
    }
  };

  private sendAwareness(clients: number[]): void {
    this.send(encoder => {
      encoding.writeVarUint(encoder, AWARENESS);
      encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(this.awareness, clients));
    });
  }

  private send(write: (encoder: encoding.Encoder) => void): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) {
      return false;
    }
    const encoder = encoding.createEncoder();
    write(encoder);
    this.socket.send(encoding.toUint8Array(encoder));
    return true;
  }

  private tell(): void {
    const connected = this.socket?.readyState === WebSocket.OPEN;
    this.changed.emit({ connected, saved: connected && this.stored >= this.sent });
  }

  private socket: WebSocket | null = null;
  private disposed = false;
  private timer = 0;
  private wait = FIRST_WAIT;
  private sent = 0;
  private stored = 0;
  private requests = 0;
  private readonly waiting = new Map<number, (status: string) => void>();
  declare private resolve: () => void;
}
