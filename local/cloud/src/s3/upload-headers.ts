import type { Tag } from '../store/objects.ts';
import { S3Error } from './errors.ts';
import { header, type S3Request } from './request.ts';

/** Headers that are stored and returned with the object, besides x-amz-meta-*. */
const keptHeaders = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

/** Unsupported headers. Ignoring one would be worse than rejecting the request. */
const unsupportedHeaders =
  /^x-amz-(copy-source|server-side-encryption|object-lock|website-redirect|grant-|write-offset)/;

const maxMetadata = 2048;

/**
 * Reads the headers to store with an object. With a presigned URL, only signed headers count: otherwise its holder could add
 * headers that are served to everyone who downloads the object.
 */
export function readObjectHeaders(request: S3Request): Record<string, string> {
  const kept: Record<string, string> = {};
  let metadataBytes = 0;
  const { auth, wire } = request;
  // With the Authorization header, SDKs do not sign some headers, such as Cache-Control.
  const names = auth.in === 'query' ? auth.signedHeaders : wire.headers.keys();
  for (const name of names) {
    if (unsupportedHeaders.test(name)) {
      throw new S3Error('NotImplemented', `The header ${name} is not supported.`);
    }
    const value = request.wire.headers.get(name)?.join(',') ?? '';
    if (name.startsWith('x-amz-meta-')) {
      metadataBytes += name.length - 'x-amz-meta-'.length + value.length;
      kept[name] = value;
    } else if (keptHeaders.includes(name)) kept[name] = value;
  }
  if (metadataBytes > maxMetadata) {
    throw new S3Error(
      'MetadataTooLarge',
      `Your metadata headers exceed the maximum allowed size of ${maxMetadata} bytes.`,
    );
  }
  return kept;
}

/** Reads x-amz-tagging: `name=value&name=value`, form-encoded. */
export function readTags(request: S3Request): Tag[] {
  const text = header(request, 'x-amz-tagging') ?? '';
  let tags: Tag[];
  try {
    tags = text
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [key = '', ...rest] = pair.split('=');
        return { key: formDecode(key), value: formDecode(rest.join('=')) };
      });
  } catch {
    throw new S3Error(
      'InvalidArgument',
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters.",
    );
  }
  if (tags.length > 10) throw new S3Error('InvalidTag', 'Object tags cannot be greater than 10');
  if (new Set(tags.map((tag) => tag.key)).size < tags.length) {
    throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key');
  }
  for (const { key, value } of tags) {
    if (key === '' || key.length > 128 || !allowedInTags.test(key))
      throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid');
    if (value.length > 256 || !allowedInTags.test(value))
      throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid');
  }
  return tags;
}

const allowedInTags = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
