/* Knowing a file again, and what is said about it and its pieces. */

const SAMPLE = 64 * 1024;

function mixed(bytes) {
  let a = 0x9e3779b1;
  let b = 0x85ebca6b;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x5bd1e995) ^ (b >>> 13);
  }
  return (a >>> 0).toString(16).padStart(8, "0") + (b >>> 0).toString(16).padStart(8, "0");
}

export async function fingerprintOf(file) {
  const head = await file.slice(0, SAMPLE).arrayBuffer();
  const tail = await file.slice(Math.max(0, file.size - SAMPLE)).arrayBuffer();
  return `${file.size.toString(16)}-${mixed(new Uint8Array(head))}-${mixed(new Uint8Array(tail))}`;
}

export function encoded(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/* crypto.subtle is only there on safe lines (https or this machine); elsewhere the line's own check must do. */
export async function checksumOf(piece) {
  if (!window.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", piece);
  return `sha256 ${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
