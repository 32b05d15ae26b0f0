/** Reads a zip, as Python's zipfile writes one: stored or deflated, no encryption, no parts beyond 4 GB. */

const [END, ENTRY] = [0x06054b50, 0x02014b50];
const [STORED, DEFLATED] = [0, 8];
/** Bytes unpacked: more is no export. */
const LARGEST = 512 * 2 ** 20;

/** The files by name. Error for what is no such zip. */
export async function unzip(content: ArrayBuffer): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const view = new DataView(content);
  const end = findEnd(view);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let [place, total] = [view.getUint32(end + 16, true), 0];
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (view.getUint32(place, true) !== ENTRY) {
      throw new Error('the zip cannot be read: its list of files is broken');
    }
    const [nameLength, extra, comment] = [28, 30, 32].map(offset => view.getUint16(place + offset, true));
    const name = new TextDecoder().decode(new Uint8Array(content, place + 46, nameLength));
    total += view.getUint32(place + 24, true);
    if (total > LARGEST || files.has(name)) {
      throw new Error(files.has(name) ? `${name} stands in the zip twice` : 'the zip is larger than any export is');
    }
    files.set(name, await member(view, place));
    place += 46 + nameLength + extra + comment;
  }
  return files;
}

function findEnd(view: DataView): number {
  for (let place = view.byteLength - 22; place >= 0; place -= 1) {
    if (view.getUint32(place, true) === END) {
      return place;
    }
  }
  throw new Error('this is no zip');
}

async function member(view: DataView, place: number): Promise<Uint8Array<ArrayBuffer>> {
  const [method, packed] = [view.getUint16(place + 10, true), view.getUint32(place + 20, true)];
  const local = view.getUint32(place + 42, true);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const data = new Uint8Array(view.buffer as ArrayBuffer, start, packed);
  if (method === STORED) {
    return data;
  }
  if (method !== DEFLATED) {
    throw new Error(`the zip cannot be read: it was packed by method ${method}`);
  }
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
