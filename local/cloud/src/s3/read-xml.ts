import { XMLParser } from 'fast-xml-parser';
import { S3Error } from './errors.ts';

/** The content of an element: text, or child elements by name. Repeated child elements form a list. */
export type XmlNode = string | { readonly [name: string]: XmlNode | readonly XmlNode[] };

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
});

/** @returns the content of the root element, which must be named `root` */
export function parseXml(text: string, root: string): XmlNode {
  // A document type could define entities that expand without limit.
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw malformed();
  let parsed: Record<string, XmlNode>;
  try {
    parsed = parser.parse(text, true) as Record<string, XmlNode>;
  } catch {
    throw malformed();
  }
  const content = parsed[root];
  if (content === undefined) throw malformed();
  return content;
}

export function childrenOf(node: XmlNode, name: string): readonly XmlNode[] {
  if (typeof node === 'string') return [];
  const child = node[name];
  if (child === undefined) return [];
  return Array.isArray(child) ? (child as readonly XmlNode[]) : [child as XmlNode];
}

export function textsOf(node: XmlNode, name: string): string[] {
  return childrenOf(node, name).map((child) => {
    if (typeof child === 'string') return child;
    throw malformed();
  });
}

export function textOf(node: XmlNode, name: string): string | undefined {
  return textsOf(node, name)[0];
}

function malformed(): S3Error {
  return new S3Error('MalformedXML', 'The XML you provided was not well-formed or did not validate against our schema');
}
