/** Jupyter's messages as they go over a kernel's websocket (`v1.kernel.websocket.jupyter.org`). */
export const PROTOCOL = "v1.kernel.websocket.jupyter.org";

export interface Message {
  channel: string;
  type: string;
  content: Record<string, unknown>;
}

type Part = Record<string, unknown>;

const NUMBER = 8; // bytes of an offset: the count of them, then where each part begins, then where the last ends

export function encode(message: Message, session: string, metadata: Part = {}): ArrayBuffer {
  const header = {
    msg_id: crypto.randomUUID(), msg_type: message.type, session, username: "", version: "5.3",
    date: new Date().toISOString(),
  };
  const text = new TextEncoder();
  const bytes = [message.channel, ...[header, {}, metadata, message.content].map((part) => JSON.stringify(part))].map((part) => text.encode(part));
  const count = bytes.length + 1;
  const start = NUMBER * (1 + count);
  const whole = new Uint8Array(start + bytes.reduce((sum, part) => sum + part.length, 0));
  const view = new DataView(whole.buffer);
  view.setBigUint64(0, BigInt(count), true);
  let at = start;
  bytes.forEach((part, index) => {
    view.setBigUint64(NUMBER * (1 + index), BigInt(at), true);
    whole.set(part, at);
    at += part.length;
  });
  view.setBigUint64(NUMBER * count, BigInt(at), true);
  return whole.buffer;
}

/** Buffers behind the content are left out: no widget that is drawn here has any. */
export function decode(frame: ArrayBuffer): Message {
  const view = new DataView(frame);
  const offset = (index: number) => Number(view.getBigUint64(NUMBER * (1 + index), true));
  const text = new TextDecoder();
  const part = (index: number) => text.decode(new Uint8Array(frame, offset(index), offset(index + 1) - offset(index)));
  const header = JSON.parse(part(1)) as { msg_type: string };
  return { channel: part(0), type: header.msg_type, content: JSON.parse(part(4)) as Part };
}
